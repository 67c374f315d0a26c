const ACCEPTED = /^[a-zA-Z0-9_-]+$/

/** The id of a tool call as the provider takes it: the same for a call and its result, and its own where that is possible. */
export const toolIdFor = (id: string): string => (ACCEPTED.test(id) ? id : id.replaceAll(/[^a-zA-Z0-9-]/gu, character => `_${character.codePointAt(0)?.toString(16)}`) || '_')
