import type { Pair } from '../../services/semantic-cache/src/pairs/pairs.ts'
import { meaningsOf } from './meanings.ts'
import { pick, randomFrom, shuffled, type Random } from './random.ts'

/** One request of the stream. */
export interface Request {
  readonly text: string
  readonly place: Place
  /** Requests of one meaning in one place have one right answer. */
  readonly meaning: string
  /** What of it was asked before in its place. */
  readonly repeats: 'nothing' | 'words' | 'meaning'
  /** It is a side of a trap, word for word. */
  readonly trap: boolean
}

/** One way to ask something. */
type Wording = Omit<Request, 'repeats'>

/** Who asks, and what was said before. */
export interface Place {
  readonly tenant: string
  /** The user's and the assistant's turns. */
  readonly before: readonly string[]
}

export interface StreamOptions {
  readonly seed: number
  readonly requests: number
  /** The share of requests whose words were asked before. */
  readonly verbatim: number
  /** The share whose meaning was, in these words or others. */
  readonly inMeaning: number
}

/** Requests made of labelled pairs: the sides of a trap follow each other in the same place; rewordings come any time after the first wording. */
export function streamOf(pairs: readonly Pair[], options: StreamOptions): Request[] {
  const random = randomFrom(options.seed)
  const groups = new Groups(pairs, random)
  const asked: Request[] = []
  const others: Wording[] = []
  const seen = new Set<string>()
  let [words, meanings] = [0, 0]
  const ask = (wording: Wording): void => {
    const { text, place, meaning } = wording
    const [said, meant] = [JSON.stringify([place, 'said', text]), JSON.stringify([place, 'meant', meaning])]
    const repeats = seen.has(said) ? 'words' : seen.has(meant) ? 'meaning' : 'nothing'
    seen.add(said).add(meant)
    if (repeats === 'words') words++
    if (repeats !== 'nothing') meanings++
    asked.push({ ...wording, repeats })
  }
  while (asked.length < options.requests) {
    if (words < options.verbatim * asked.length) ask(pick(random, asked))
    else if (meanings < options.inMeaning * asked.length && others.length > 0) ask(others.splice(Math.floor(random() * others.length), 1)[0]!)
    else {
      const { firsts, rest } = groups.next()
      firsts.forEach(ask)
      others.push(...rest)
    }
  }
  return asked.slice(0, options.requests)
}

const TENANTS = 4
const TRAP_EVERY = 3
const LEADS = ['', 'please ', 'Hi, ', 'hello, ', 'Quick question: ', 'one more thing: ', 'hey, ', 'Good morning. ']
const TAILS = ['', ' Thanks!', ' Thank you.', ' please', ' Many thanks in advance.', ' :)']

/** Three paraphrases, then a trap; a pair that comes again comes from another tenant. */
class Groups {
  readonly #paraphrases: readonly Pair[]
  readonly #traps: readonly Pair[]
  readonly #random: Random
  readonly #meaningOf: (text: string) => string
  #turn = 0

  constructor(pairs: readonly Pair[], random: Random) {
    this.#random = random
    this.#meaningOf = meaningsOf(pairs)
    this.#paraphrases = shuffled(random, pairs.filter(({ same }) => same))
    this.#traps = shuffled(random, pairs.filter(({ same }) => !same))
  }

  /** What is asked now, and what means the same and may be asked later. */
  next(): { firsts: Wording[]; rest: Wording[] } {
    const turn = this.#turn++
    const paraphrase = this.#paraphrases[turn % this.#paraphrases.length]!
    const { a, b } = paraphrase
    const at = (text: string, said = text, before: readonly string[] = []) => this.#wording(said, { text, place: { tenant: tenantOf(turn, this.#paraphrases.length), before } })
    const first = at(a)
    const rest = [at(b), ...this.#politely(a).map(said => at(a, said)), ...this.#politely(b).map(said => at(b, said))]
    if (turn % TRAP_EVERY !== 0) return { firsts: [first], rest }
    const trapped = this.#trap(turn / TRAP_EVERY)
    return { firsts: [first, ...trapped.firsts], rest: [...rest, ...trapped.rest] }
  }

  /** Where the sides of a trap differ in what was said before, it is there in the conversation. */
  #trap(turn: number): { firsts: Wording[]; rest: Wording[] } {
    const { a, b, contexts } = this.#traps[turn % this.#traps.length]!
    const tenant = tenantOf(turn, this.#traps.length)
    const sides = [a, b].map((text, side) => ({ text, place: { tenant, before: contexts?.[side as 0 | 1] ?? [] } }))
    return {
      firsts: sides.map(side => ({ ...this.#wording(side.text, side), trap: true })),
      rest: sides.flatMap(side => this.#politely(side.text).slice(0, 1).map(said => this.#wording(said, side))),
    }
  }

  #wording(said: string, { text, place }: { text: string; place: Place }): Wording {
    return { text: said, place, meaning: this.#meaningOf(text), trap: false }
  }

  /** The same with three kinds of other manners. */
  #politely(text: string): string[] {
    const forms = LEADS.flatMap(lead => TAILS.map(tail => `${lead}${text}${tail}`)).filter(form => form !== text)
    return shuffled(this.#random, forms).slice(0, 3)
  }
}

/** As many tenants again each time that every tenant had every pair. */
const tenantOf = (turn: number, count: number): string => {
  const round = Math.floor(turn / count)
  return `tenant ${(((turn % count) + round) % TENANTS) + Math.floor(round / TENANTS) * TENANTS}`
}
