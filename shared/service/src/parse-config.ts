import { createRequire } from 'node:module'
import type { Document, LineCounter, Scalar, YAMLError } from 'yaml'
import { ConfigurationError } from './configuration-error.ts'
import type { Environment } from './environment.ts'

/** The sections of a configuration file. */
export type ConfigTree = Readonly<Record<string, unknown>>

const REFERENCE = /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g
// Of the private use area, so that no text has them by chance.
const PLACEHOLDER = /\uE000(\d+)\uE001/g

/**
 * Reads YAML in which `${NAME}` and `${NAME:-default}` stand for variables. What is not set and has no default stays as it is written. A reference is
 * replaced after the parsing, so that no value can change what the file means.
 */
export function parseConfig(text: string, path: string, environment: Environment): ConfigTree {
  // Loaded where there is a file: it takes 9 MB and 25 ms.
  const { LineCounter, parseDocument, visit } = createRequire(import.meta.url)('yaml') as typeof import('yaml')
  const references: string[] = []
  const safe = text.replaceAll(REFERENCE, reference => `\uE000${references.push(reference) - 1}\uE001`)
  const lines = new LineCounter()
  const document = parseDocument(safe, { merge: true, prettyErrors: false, lineCounter: lines })
  if (document.errors.length > 0) throw new ConfigurationError(document.errors.map(error => syntaxProblem(error, path, lines)))
  const expanded = (part: string): string => part.replaceAll(PLACEHOLDER, (_, index: string) => expandReferences(references[Number(index)] ?? '', environment))
  visit(document, { Scalar: (where, node) => void (node.value = where === 'key' ? keyOf(node, expanded) : valueOf(node, expanded)) })
  const content = plain(document, path) ?? {}
  if (typeof content !== 'object' || Array.isArray(content)) throw new ConfigurationError([`${path} must hold sections, such as server: and providers:`])
  return deeplyFrozen(content as ConfigTree)
}

/** A text with its references to variables replaced; one to what is not set stays as it is. */
export const expandReferences = (text: string, environment: Environment): string =>
  text.replaceAll(REFERENCE, (reference, name: string, fallback: string | undefined) => environment[name] || (fallback ?? reference))

const keyOf = ({ value }: Scalar, expanded: (part: string) => string): unknown => (typeof value === 'string' ? expanded(value) : value)

/** What was written plainly counts as what it looks like, but a number only where its digits can be told from it again: keys and ids may look like one. */
function valueOf(node: Scalar, expanded: (part: string) => string): unknown {
  const asIs = node.tag !== undefined || node.type !== 'PLAIN'
  if (asIs || node.source === undefined) return typeof node.value === 'string' ? expanded(node.value) : node.value
  const text = expanded(node.source)
  if (/^(null|Null|NULL|~|)$/.test(text)) return null
  if (/^(true|True|TRUE|false|False|FALSE)$/.test(text)) return text.toLowerCase() === 'true'
  return /^-?(0|[1-9]\d{0,14})(\.\d{1,9})?$/.test(text) && text.length <= 16 ? Number(text) : text
}

function plain(document: Document, path: string): unknown {
  try {
    return document.toJS()
  } catch {
    // The library's words repeat what stands in the file.
    throw new ConfigurationError([`${path} has a *name that no &name before it explains, or too many of them`])
  }
}

/** Of what the library says, only what holds nothing of the file: there are secrets in it. */
const SPEAKABLE = /^(BAD_INDENT|BAD_SCALAR_START|BLOCK_AS_IMPLICIT_KEY|BLOCK_IN_FLOW|DUPLICATE_KEY|MISSING_CHAR|MULTILINE_IMPLICIT_KEY|TAB_AS_INDENT)$/

function syntaxProblem({ code, message, pos: [start] }: YAMLError, path: string, lines: LineCounter): string {
  const { line, col } = lines.linePos(start)
  return `${path} is no valid YAML at line ${line}, column ${col} (${SPEAKABLE.test(code) ? message : code})`
}

/** Freezes a value and all that it holds, the values of maps too. */
export function deeplyFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of value instanceof Map ? value.values() : Object.values(value)) deeplyFrozen(part)
  return Object.freeze(value)
}
