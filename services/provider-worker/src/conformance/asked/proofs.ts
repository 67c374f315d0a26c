import { everywhere } from '../read-json.ts'

const NAMES = new Set(['signature', 'thoughtSignature', 'thought_signature', 'encrypted_content', 'reasoning_content', 'reasoning', 'reasoning_details', 'thinking', 'data'])

/** Every text that the turns of a model hold of its thinking: thoughts, signatures, encrypted data. */
export const proofsIn = (turns: readonly unknown[]): readonly string[] => turns.flatMap(turn => everywhere(turn, NAMES)).flatMap(textsIn)

/** Every text in a value, but for the names of types. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([name, member]) => (name === 'type' ? [] : textsIn(member))) : []
}
