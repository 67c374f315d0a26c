import type { Matrix } from './matrix.ts'
import type { Cell } from './shapes.ts'

const CLIENTS = { chat: 'OpenAI chat: `POST /v1/chat/completions`', responses: 'OpenAI Responses: `POST /v1/responses`', messages: 'Anthropic Messages: `POST /v1/messages`' } as const

const INTRODUCTION = `# Conformance

What becomes of each feature at each provider, for clients of each dialect. Nothing here is written by hand: a test sends a request in the
client's dialect through the real adapters, reads what the provider would get, answers as that provider answers, whole and as a stream, and reads
what the client gets. Something that is lost without a word fails the test. \`services/provider-worker/src/conformance\` is where it is done;
\`UPDATE_GOLDENS=1\` before its tests writes this page.

| cell | meaning |
|---|---|
| pass | the provider speaks the client's dialect: the bytes pass as they are |
| translated | said in the provider's own words and back, without a loss |
| changed | something of the request is left out or bent, as the note says; the client is told in \`X-GoModel-Translation\`, and with \`X-GoModel-Strict: true\` gets a 400 instead |
| refused | a 400 that names the field |
| n/a | the client's dialect has nothing of the kind |

Errors, cut streams and usage are checked as well: an answer that breaks off never looks complete, and tokens are counted alike for every provider.
`

/** The page that shows the matrix. */
export function pageOf({ features, dialects }: Matrix): string {
  const notes = new Notes()
  const tables = dialects.map(({ dialect, rows }) => {
    const head = `| provider | ${features.join(' | ')} |\n|---|${features.map(() => '---|').join('')}`
    const lines = rows.map(({ provider, cells }) => `| ${provider} | ${cells.map(cell => shown(cell, notes)).join(' | ')} |`)
    return `## ${CLIENTS[dialect]}\n\n${[head, ...lines].join('\n')}\n`
  })
  const models = dialects[0]?.rows.map(({ provider, models: names }) => `${provider} ${names.map(name => `\`${name}\``).join(' and ')}`).join(', ')
  return [INTRODUCTION, ...tables, `## Notes\n\n${notes.list.map((note, at) => `${at + 1}. ${note}`).join('\n')}\n`, `Asked were, first for everything but thinking and then for that: ${models}.\n`].join('\n')
}

function shown({ verdict, notes: said }: Cell, notes: Notes): string {
  if (verdict === 'none') return 'n/a'
  return said.length === 0 ? verdict : `${verdict} <sup>${notes.number(said.map(quoted).join(', '))}</sup>`
}

/** The first word says what happened, all else is of the request. */
const quoted = (note: string): string => note.replace(/^(\w+) (.*?)(?: to (.*))?$/, (_, kind: string, field: string, to: string | undefined) => `${kind} \`${field}\`${to === undefined ? '' : ` to \`${to}\``}`)

/** Numbers notes, the same with the same number. */
class Notes {
  readonly list: string[] = []

  number(note: string): number {
    const at = this.list.indexOf(note)
    return at === -1 ? this.list.push(note) : at + 1
  }
}
