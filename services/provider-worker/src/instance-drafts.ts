import type { Environment, ProviderConfig } from '@gomodel/service'
import { type Field, type Said, type Spoken, spokenInstances } from './environment-instances.ts'
import { ROWS } from './providers/rows.ts'

/** All that was said of one instance, by the file and by the environment, before it is judged. */
export interface Draft {
  readonly name: string
  readonly type: string
  /** What it is called in a problem: its place in the file, or a variable of its. */
  readonly place: string
  readonly said: Partial<Record<Field, Said>>
  readonly provider: ProviderConfig | undefined
  readonly problems: string[]
}

/** All that was said, and what is odd about it. */
interface Drafts {
  readonly drafts: readonly Draft[]
  readonly problems: readonly string[]
  readonly notes: readonly string[]
}

/** Lays what the environment says over what the file says, field by field. */
export function draftsOf(environment: Environment, providers: ReadonlyMap<string, ProviderConfig>): Drafts {
  const { spoken, problems } = spokenInstances(environment)
  const written = [...providers].map(([name, provider]) => draftOf(name, provider))
  const drafts = [...written]
  const notes: string[] = []
  for (const one of spoken) {
    const over = writtenFor(one, written, notes)
    if (over) lay(one, over, notes)
    else if (isMeant(one)) drafts.push(spokenDraft(one))
  }
  return { drafts, problems, notes }
}

/** What was said, unless it refers to a variable that is not set. */
export const usable = (said: Said | undefined): Said | undefined => (said?.value.includes('${') ? undefined : said)

/** A key or an address makes an instance, models alone do not. One that cannot be resolved makes none either, but has to be told of where a key is needed. */
function isMeant({ said: { API_KEY: key, BASE_URL: address }, row, problems }: Spoken): boolean {
  return problems.length > 0 || (row.keyed ? (key ?? address) : (usable(key) ?? usable(address))) !== undefined
}

const nameOf = ({ row, suffix }: Spoken): string => (suffix === '' ? row.type : `${row.type}-${suffix}`)

function draftOf(name: string, provider: ProviderConfig): Draft {
  const place = `providers.${name}`
  const { apiKey, baseUrl, apiVersion } = provider
  return {
    name,
    // A provider that has the name of a type is of that type.
    type: provider.type?.toLowerCase() ?? (ROWS.some(({ type }) => type === name) ? name : ''),
    place,
    provider,
    problems: [],
    said: {
      ...(apiKey !== undefined && { API_KEY: { value: apiKey, by: `${place}.api_key` } }),
      ...(baseUrl !== undefined && { BASE_URL: { value: baseUrl, by: `${place}.base_url` } }),
      ...(apiVersion !== undefined && { API_VERSION: { value: apiVersion, by: `${place}.api_version` } }),
    },
  }
}

const spokenDraft = (one: Spoken): Draft => ({
  name: nameOf(one),
  type: one.row.type,
  place: Object.values(one.said)[0]?.by ?? nameOf(one),
  said: { ...one.said },
  provider: undefined,
  problems: [...one.problems],
})

/** The entry of the file that variables speak of: the one of their name, else, for those without a suffix, the only one of their type. */
function writtenFor(one: Spoken, written: readonly Draft[], notes: string[]): Draft | undefined {
  const named = written.find(({ name }) => name === nameOf(one))
  if (named || one.suffix !== '') return named
  const ofType = written.filter(({ type }) => type === one.row.type)
  if (ofType.length > 1) {
    const variables = Object.values(one.said).map(({ by }) => by).join(', ')
    notes.push(`${variables} may be meant for ${ofType.map(({ place }) => place).join(' or ')} and is laid over neither: it makes the instance ${nameOf(one)}`)
  }
  return ofType.length === 1 ? ofType[0] : undefined
}

function lay(one: Spoken, over: Draft, notes: string[]): void {
  over.problems.push(...one.problems)
  // Any server that speaks the OpenAI dialect may have the name of its maker.
  const customary = over.type === 'openai' && over.said.BASE_URL !== undefined && one.suffix === ''
  if (over.type !== one.row.type && !customary) {
    over.problems.push(`${over.place} is of another type than ${Object.values(one.said).map(({ by }) => by).join(', ')} of the same name`)
    return
  }
  for (const [field, said] of Object.entries(one.said) as [Field, Said][]) {
    const replaced = over.said[field]
    if (replaced && !usable(said)) continue
    if (replaced && over.name !== nameOf(one)) notes.push(`${said.by} replaces ${replaced.by}, as it is the only provider of type ${over.type}`)
    over.said[field] = said
  }
}
