type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

// In Node since 21; not yet in the types of the language.
const exact = JSON as unknown as { parse(text: string, reviver?: Reviver): unknown; rawJSON(text: string): unknown }

const LONG_NUMBER = /\d{16}/

const keepDigits: Reviver = (_, value, { source }) =>
  typeof value === 'number' && source !== undefined && !Number.isSafeInteger(value) && LONG_NUMBER.test(source) ? exact.rawJSON(source) : value

/** Parses JSON so that `JSON.stringify` gives every digit back: ids of 64 bits in the arguments of tools survive. Throws a SyntaxError. */
export const parseExactly = (text: string): unknown => (LONG_NUMBER.test(text) ? exact.parse(text, keepDigits) : JSON.parse(text))
