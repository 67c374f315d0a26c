import { GatewayError } from '@gomodel/contracts'
import type { Changes } from '../../hub/changes.ts'
import type { RulesOfModel } from '../rules.ts'
import { isRecord } from '../usage.ts'
import { applyToMessages, tellSchema } from './messages.ts'
import type { RequestMembers } from './members.ts'
import type { Rules, ToolChoiceRules } from './rule.ts'

/** One request on its way through the rules. */
export interface Ruled {
  readonly members: RequestMembers
  readonly changes: Changes
  /** The instance, for what is refused. */
  readonly provider: string
}

/** What a parameter says where it says nothing: to leave it out changes nothing. */
const NEUTRAL: Readonly<Record<string, unknown>> = {
  n: 1,
  temperature: 1,
  top_p: 1,
  frequency_penalty: 0,
  presence_penalty: 0,
  logprobs: false,
  top_logprobs: 0,
  parallel_tool_calls: true,
  store: false,
  service_tier: 'auto',
}

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** Makes a request one that the provider takes, and takes note of what it cost. Throws `unsupported` for what would change its meaning. */
export function applyRules(rules: RulesOfModel, ruled: Ruled): void {
  let tells = false
  for (const entry of rules.entries) {
    if (isExcepted(entry, ruled.members)) continue
    applyToNames(entry, ruled)
    applyToValues(entry, ruled)
    applyToThinking(entry, ruled)
    if (entry.toolChoice) applyToToolChoice(entry.toolChoice, ruled)
    if (entry.functionFields) applyToTools(entry.functionFields, ruled)
    applyToMessages(entry, ruled)
    tells ||= entry.jsonSchema === 'told'
  }
  // It puts a message in: before, all are where the client has them.
  if (tells) tellSchema(ruled)
}

function isExcepted({ unless }: Rules, members: RequestMembers): boolean {
  if (!unless) return false
  const said = members.get(unless.param)
  return (isRecord(said) ? said.type : said) === unless.is
}

function applyToNames({ omit = [], rename = {}, drop = [] }: Rules, { members, changes }: Ruled): void {
  for (const name of omit) if (members.get(name) !== undefined) members.remove(name)
  for (const [name, to] of Object.entries(rename)) {
    const value = members.get(name)
    if (value === undefined) continue
    const other = members.get(to)
    if (other === undefined || other === null) {
      if (other === null) members.remove(to)
      members.rename(name, to)
      changes.renamed(name, to)
    } else {
      members.remove(name)
      if (value !== null && value !== other) changes.dropped(name)
    }
  }
  for (const name of drop) {
    const value = members.get(name)
    if (value === undefined) continue
    members.remove(name)
    if (value !== null && value !== NEUTRAL[name] && !isEmpty(value)) changes.dropped(name)
  }
}

const isEmpty = (value: unknown): boolean => isRecord(value) && Object.keys(value).length === 0

function applyToValues({ only = {}, clamp = {}, values = {}, stops }: Rules, { members, changes, provider }: Ruled): void {
  for (const [name, wanted] of Object.entries(only)) {
    const value = members.get(name) ?? wanted
    if (value !== wanted) throw new GatewayError('unsupported', `${provider} takes ${name} only as ${wanted}`, { param: name, provider })
  }
  for (const [name, [least, most]] of Object.entries(clamp)) {
    const value = members.get(name)
    if (typeof value !== 'number' || (value >= least && value <= most)) continue
    const nearest = value < least ? least : most
    members.set(name, nearest)
    changes.clamped(name, String(nearest))
  }
  for (const [name, words] of Object.entries(values)) {
    const value = members.get(name)
    const to = typeof value === 'string' ? words[value] : undefined
    if (to === undefined) continue
    members.set(name, to)
    changes.clamped(name, to)
  }
  if (stops !== undefined) limitStops(stops, { members, changes, provider })
}

function limitStops(most: number, { members, changes }: Ruled): void {
  const stop = members.get('stop')
  if (typeof stop === 'string') members.set('stop', [stop])
  if (!Array.isArray(stop) || stop.length <= most) return
  const kept: unknown[] = stop.slice(0, most)
  members.set('stop', kept)
  changes.clamped('stop', JSON.stringify(kept))
}

function applyToThinking({ thinkingSwitch, efforts }: Rules, { members, changes }: Ruled): void {
  const effort = members.get('reasoning_effort')
  if (typeof effort !== 'string') return
  const off = thinkingSwitch?.off.includes(effort) === true
  if (thinkingSwitch && (off || !thinkingSwitch.degrees)) {
    members.remove('reasoning_effort')
    // Who speaks of thinking in the provider's own words has said it already.
    if (members.get('thinking') !== undefined) return changes.dropped('reasoning_effort')
    const type = off ? 'disabled' : 'enabled'
    members.set('thinking', { type })
    return changes.emulated('reasoning_effort', `thinking.type ${type}`)
  }
  if (!efforts || efforts.includes(effort)) return
  const nearest = nearestEffort(effort, efforts)
  if (nearest === undefined) return
  members.set('reasoning_effort', nearest)
  changes.clamped('reasoning_effort', nearest)
}

function nearestEffort(effort: string, known: readonly string[]): string | undefined {
  const at = EFFORTS.indexOf(effort)
  if (at === -1) return undefined
  const far = (other: string): number => Math.abs(EFFORTS.indexOf(other) - at)
  // Of two that are equally near the later one is the higher.
  return known.reduce<string | undefined>((best, other) => (best === undefined || far(other) <= far(best) ? other : best), undefined)
}

function applyToToolChoice({ required, named, none }: ToolChoiceRules, { members, changes }: Ruled): void {
  const choice = members.get('tool_choice')
  const say = (word: string | null): void => {
    if (word === null) members.remove('tool_choice')
    else members.set('tool_choice', word)
  }
  if (choice === 'none' && none) {
    members.remove('tool_choice')
    if (members.get('tools') !== undefined) members.remove('tools')
    return changes.emulated('tool_choice', 'no tools')
  }
  if (choice === 'required' && required !== undefined) {
    say(required)
    return required === 'any' ? changes.renamed('tool_choice', 'any') : changes.clamped('tool_choice', required ?? 'auto')
  }
  if (!isRecord(choice) || choice.type !== 'function' || !named) return
  say(named.say)
  const held = named.alone && holdBack(members, isRecord(choice.function) ? choice.function.name : undefined)
  if (held && named.say !== null) changes.emulated('tool_choice', `${named.say}, with that tool only`)
  else changes.clamped('tool_choice', named.say ?? 'auto')
}

/** Keeps one tool; false when there is none of that name. */
function holdBack(members: RequestMembers, name: unknown): boolean {
  const tools = members.get('tools')
  if (!Array.isArray(tools)) return false
  const kept = tools.filter((tool: unknown) => isRecord(tool) && isRecord(tool.function) && tool.function.name === name)
  if (kept.length > 0) members.set('tools', kept)
  return kept.length > 0
}

function applyToTools(fields: readonly string[], { members, changes }: Ruled): void {
  if (!fields.some(field => members.mentions('tools', `"${field}"`))) return
  const tools = members.get('tools')
  if (!Array.isArray(tools)) return
  let changed = false
  const kept = tools.map((tool: unknown, at) => {
    if (!isRecord(tool) || !isRecord(tool.function)) return tool
    const { function: declared } = tool
    const refused = fields.filter(field => declared[field] !== undefined)
    if (refused.length === 0) return tool
    changed = true
    for (const field of refused) if (declared[field]) changes.dropped(`tools[${at}].function.${field}`)
    return { ...tool, function: Object.fromEntries(Object.entries(declared).filter(([field]) => !refused.includes(field))) }
  })
  if (changed) members.set('tools', kept)
}
