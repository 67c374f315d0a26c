import { CACHE_SELECTORS, type CacheSelection, type CacheSelector, GatewayError } from '@gomodel/contracts'
import { isTag } from '../semantic/wishes.ts'

/** What an operator wants to be gone from the caches. */
export interface InvalidationRequest {
  readonly selector: CacheSelector
  readonly which: CacheSelection
  /** The entry was wrong for a question of this similarity only: it is limited, and does not go. */
  readonly wrongAt: number | undefined
  readonly dryRun: boolean
  /** For the log. */
  readonly reason: string | undefined
}

const LONGEST_NAME = 500
const LONGEST_REASON = 1000
const OPTIONS = ['dry_run', 'reason', 'wrong_at']

/** Throws `invalid_request` with the field that is wrong. */
export function readInvalidation(body: Buffer): InvalidationRequest {
  const given = parsed(body)
  const fields = Object.keys(given)
  const unknown = fields.find(field => !isSelector(field) && !OPTIONS.includes(field))
  if (unknown !== undefined) throw wrong(unknown.slice(0, 100), 'is not known here')
  const [selector, second] = fields.filter(isSelector)
  if (!selector) throw wrong('entry', `or one of ${CACHE_SELECTORS.slice(1).join(', ')} is required`)
  if (second) throw wrong(second, `cannot be given beside ${selector}: one request has one selection`)
  const { dry_run: dryRun = false, reason, wrong_at: wrongAt } = given
  if (typeof dryRun !== 'boolean') throw wrong('dry_run', 'must be true or false')
  if (reason !== undefined && (typeof reason !== 'string' || reason.length > LONGEST_REASON)) throw wrong('reason', `must be a text of at most ${LONGEST_REASON} characters`)
  if (wrongAt !== undefined && selector !== 'entry') throw wrong('wrong_at', `can be given beside entry only, and not beside ${selector}`)
  if (wrongAt !== undefined && !isSimilarity(wrongAt)) throw wrong('wrong_at', 'must be a number above 0 and not above 1, as X-Cache-Similarity said it')
  return { selector, which: selection(selector, given[selector]), wrongAt, dryRun, reason }
}

function selection(selector: CacheSelector, value: unknown): CacheSelection {
  if (selector === 'everything') {
    if (value !== true) throw wrong(selector, 'must be true')
    return { everything: true }
  }
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_NAME) throw wrong(selector, `must be a text of 1 to ${LONGEST_NAME} characters`)
  if (selector === 'entry') {
    if (!/^[\w-]{43}$/.test(value)) throw wrong(selector, 'must be what X-Cache-Entry said')
    return { entry: value }
  }
  if (selector === 'tag') {
    if (!isTag(value)) throw wrong(selector, 'must be a tag as X-Cache-Tags takes them')
    return { tag: value }
  }
  return selector === 'model' ? { model: value } : { tenant: value }
}

function parsed(body: Buffer): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch (thrown) {
    throw new GatewayError('invalid_request', 'the body is not JSON', { cause: thrown })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new GatewayError('invalid_request', 'the body must be a JSON object')
  return value as Readonly<Record<string, unknown>>
}

const isSimilarity = (value: unknown): value is number => typeof value === 'number' && value > 0 && value <= 1
const isSelector = (field: string): field is CacheSelector => (CACHE_SELECTORS as readonly string[]).includes(field)
const wrong = (field: string, what: string): GatewayError => new GatewayError('invalid_request', `${field} ${what}`, { param: field })
