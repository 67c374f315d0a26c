import type { ErrorCode } from '@gomodel/contracts'
import type { Failure } from '../../provider.ts'

/** What a failure is, to us and to the caller. */
export interface Meaning {
  readonly failure: Failure
  readonly code: ErrorCode
}

export const KEY: Meaning = { failure: 'key', code: 'provider_key_refused' }
export const RATE: Meaning = { failure: 'rate', code: 'rate_limited' }
export const OVERLOAD: Meaning = { failure: 'overload', code: 'provider_failed' }
export const CALLER: Meaning = { failure: 'caller', code: 'invalid_request' }
export const NO_MODEL: Meaning = { failure: 'caller', code: 'model_not_found' }
const MISSPOKE: Meaning = { failure: 'misspoke', code: 'invalid_request' }

/** Words that mean the same wherever they are said, whatever the status. */
const WORDS: Readonly<Record<string, Meaning>> = {
  insufficient_quota: KEY,
  invalid_api_key: KEY,
  billing_error: KEY,
  tool_use_failed: MISSPOKE,
  // Oracle: there is no such policy for this key; it tells nobody whether there is such a model.
  NotAuthorizedOrNotFound: KEY,
  DeploymentNotFound: NO_MODEL,
}

const some = (meaning: Meaning, codes: readonly number[]): [string, Meaning][] => codes.map(code => [String(code), meaning])

/** The numbers of providers that have their own, by type. */
const NUMBERS: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = {
  zai: Object.fromEntries([
    ...some(KEY, [1000, 1001, 1002, 1003, 1004, 1100, 1110, 1111, 1112, 1113, 1121, 1220, 1309]),
    ...some(CALLER, [1210, 1212, 1213, 1214, 1215, 1221, 1222, 1231, 1261, 1300, 1301]),
    ...some(NO_MODEL, [1211, 1311]),
    ...some(RATE, [1302, 1303, 1304, 1305, 1308, 1310, 1313]),
    ...some(OVERLOAD, [500, 1120, 1200, 1230, 1234, 1312]),
  ]),
  minimax: Object.fromEntries([
    ...some(KEY, [1004, 1008, 2049]),
    ...some(CALLER, [1026, 1027, 1042, 2013]),
    ...some(RATE, [1002, 1039, 1041, 2056]),
    ...some(OVERLOAD, [1000, 1001, 1013, 1024, 1033]),
  ]),
}

/** What only the words of a message tell, by type. */
const PHRASES: Readonly<Record<string, readonly (readonly [RegExp, Meaning])[]>> = {
  // A wrong key is a 400 there, and a refused prompt a 403.
  xai: [
    [/incorrect api key/i, KEY],
    [/violates usage guidelines|SAFETY_CHECK/i, CALLER],
  ],
  oracle: [[/authorization failed or requested resource not found/i, KEY]],
}

/** What a provider's own code or words mean, where they say more than its status. */
export function meaningOfWords(type: string, said: { code: string | undefined; type: string | undefined; message: string | undefined }): Meaning | undefined {
  const { code = '', type: kind = '', message = '' } = said
  return (
    own(NUMBERS[type], code) ?? own(WORDS, code) ?? own(WORDS, kind) ?? PHRASES[type]?.find(([words]) => words.test(message) || words.test(code))?.[1]
  )
}

const own = (table: Readonly<Record<string, Meaning>> | undefined, word: string): Meaning | undefined => (table && Object.hasOwn(table, word) ? table[word] : undefined)
