import { hash } from 'node:crypto'
import { canonicalRequest, type ExactQuestion } from '../cache-key.ts'
import { canonicalJson } from '../canonical-json.ts'
import type { LastTurn } from './last-turn.ts'

// Told anew when the same request shall get another partition.
const VERSION = 'semantic-1'
// No text of a user can look like it: quotes are escaped in JSON.
const PLACEHOLDER = '"what the user said last"!'

/**
 * SHA-256 as base64url of the whole request with the last text of its user taken out: what shares it differs in nothing but that text.
 * Undefined when the text cannot be found as it is, and then there is nothing to look up.
 */
export function partitionOf(question: ExactQuestion, { member, text }: LastTurn): string | undefined {
  const request = canonicalRequest(question)
  if (!request) return undefined
  const literal = canonicalJson(JSON.stringify(text))
  const label = `"${member}":`
  const at = request.members.findIndex(known => known.name === member)
  const conversation = request.members[at]
  // A conversation that is there twice may be read in two ways.
  if (literal === undefined || !conversation || request.members[at + 1]?.name === member || !conversation.text.startsWith(label)) return undefined
  const place = conversation.text.lastIndexOf(literal)
  if (place < label.length) return undefined
  const rest = `${conversation.text.slice(0, place)}${PLACEHOLDER}${conversation.text.slice(place + literal.length)}`
  const others = request.members.filter(known => known !== conversation).map(known => known.text)
  return hash('sha256', JSON.stringify([VERSION, request.asked, rest, others]), 'base64url')
}
