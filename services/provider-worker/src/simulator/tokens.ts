/** What a simulated model counts as tokens: a word or a piece of a long one, or up to three signs, each with the space before it. */
export const tokensOf = (text: string): string[] => text.match(/\s*[\p{L}\p{M}\p{N}_]{1,8}|\s*[^\s\p{L}\p{M}\p{N}_]{1,3}|\s+/gu) ?? []

/** The tokens of a prompt by rule of thumb: one for every four characters, and one at least. */
export const estimatedTokens = (characters: number): number => Math.max(1, Math.ceil(characters / 4))
