import { type Change, GatewayError } from '@gomodel/contracts'

/** Takes note of all in one request that does not reach the provider as the client wrote it. */
export class Changes {
  readonly #list: Change[] = []

  /** The provider has nothing of the kind. */
  dropped(param: string): void {
    this.#list.push({ kind: 'dropped', param })
  }

  /** The same thing under another name. */
  renamed(param: string, to: string): void {
    this.#list.push({ kind: 'renamed', param, to })
  }

  /** The nearest value that the provider takes. */
  clamped(param: string, to: string): void {
    this.#list.push({ kind: 'clamped', param, to })
  }

  /** Something else that comes near it. */
  emulated(param: string, to: string): void {
    this.#list.push({ kind: 'emulated', param, to })
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
}
