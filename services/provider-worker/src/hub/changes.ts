import { type Change, GatewayError } from '@gomodel/contracts'

/** What a client calls a field of the hub; undefined where the field says what the client did not. */
export type PlaceOf = (path: string) => string | undefined

/** Takes note of all in one request that does not reach the provider as the client wrote it. */
export class Changes {
  readonly #list: Change[]
  readonly #placeOf: PlaceOf | undefined

  constructor(list: Change[] = [], placeOf?: PlaceOf) {
    this.#list = list
    this.#placeOf = placeOf
  }

  /** Takes the same notes of one who calls the fields as the hub does. */
  under(placeOf: PlaceOf): Changes {
    return new Changes(this.#list, placeOf)
  }

  /** The provider has nothing of the kind. */
  dropped(param: string): void {
    this.#note({ kind: 'dropped', param })
  }

  /** The same thing under another name. */
  renamed(param: string, to: string): void {
    this.#note({ kind: 'renamed', param, to })
  }

  /** The nearest value that the provider takes. */
  clamped(param: string, to: string): void {
    this.#note({ kind: 'clamped', param, to })
  }

  /** Something else that comes near it. */
  emulated(param: string, to: string): void {
    this.#note({ kind: 'emulated', param, to })
  }

  get list(): readonly Change[] {
    return this.#list
  }

  /** Refuses the request when anything that it says was lost or bent. */
  refuseLosses(provider: string): void {
    const losses = this.#list.filter(({ kind }) => kind !== 'renamed')
    const [first] = losses
    if (!first) return
    const named = losses.map(({ kind, param, to }) => (to === undefined ? `${param} would be ${kind}` : `${param} would be ${kind} (${to})`))
    throw new GatewayError('unsupported', `${provider} cannot take this request as it is: ${named.join(', ')}`, { param: first.param, provider })
  }

  #note(change: Change): void {
    const placeOf = this.#placeOf
    const param = placeOf ? placeOf(change.param) : change.param
    if (param === undefined || (change.kind === 'renamed' && param === change.to)) return
    // One field of a client may be several of the hub's.
    const known = placeOf && this.#list.some(({ kind, param: other, to }) => kind === change.kind && other === param && to === change.to)
    if (!known) this.#list.push({ ...change, param })
  }
}
