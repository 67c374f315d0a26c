import type { Fields } from './fields.ts'
import { records, text } from './fields.ts'

/** A call whose arguments come in pieces: values, by their places in the object. */
export class PartialCall {
  readonly name: string
  readonly id: string | undefined
  readonly signature: string | undefined
  readonly #args: Container = newObject()

  constructor({ name, id }: Fields, signature: string | undefined) {
    this.name = text(name) ?? ''
    this.id = text(id)
    this.signature = signature
  }

  /** Takes the pieces of one part. False when one of them has no place in what came before. */
  take(call: Fields): boolean {
    return records(call.partialArgs).every(piece => this.#set(stepsOf(piece.jsonPath), piece))
  }

  get args(): string {
    return JSON.stringify(this.#args)
  }

  #set(steps: readonly Step[] | undefined, piece: Fields): boolean {
    const last = steps?.at(-1)
    if (!steps || last === undefined) return false
    let within = this.#args
    for (const [at, step] of steps.slice(0, -1).entries()) {
      if (!fits(within, step)) return false
      const next = within[step] ?? (typeof steps[at + 1] === 'number' ? newList() : newObject())
      if (!isContainer(next)) return false
      within[step] = next
      within = next
    }
    if (!fits(within, last)) return false
    const before = within[last]
    // A text comes in pieces of its own.
    if (typeof piece.stringValue === 'string') within[last] = (typeof before === 'string' ? before : '') + piece.stringValue
    else within[last] = piece.numberValue ?? piece.boolValue ?? null
    return true
  }
}

type Step = string | number
/** An object or a list. */
type Container = Record<Step, unknown>

// Without a prototype, so that no name reaches one.
const newObject = (): Container => Object.create(null) as Container

const newList = (): Container => [] as unknown as Container

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null

/** Lists grow by one: a piece far behind the end would make one of holes, as long as a provider pleases. */
const fits = (within: Container, step: Step): boolean => (Array.isArray(within) ? typeof step === 'number' && step <= within.length : typeof step === 'string')

/** `$.recipe.steps[9]` or `$['the name'][0]` as steps; undefined when it is none. */
function stepsOf(path: unknown): readonly Step[] | undefined {
  if (typeof path !== 'string' || !path.startsWith('$')) return undefined
  const steps: Step[] = []
  const step = /\.([^.[\]]+)|\[(\d{1,9})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y
  step.lastIndex = 1
  while (step.lastIndex < path.length) {
    const found = step.exec(path)
    if (!found) return undefined
    const [, name, index, single, double] = found
    steps.push(index === undefined ? (name ?? (single ?? double ?? '').replaceAll(/\\(.)/g, '$1')) : Number(index))
  }
  return steps.length > 0 ? steps : undefined
}
