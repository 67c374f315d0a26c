import type { Target } from '../catalog.ts'

/** How many requests of this ingress are under way at each target. */
export class InFlight {
  readonly #counts = new Map<string, number>()

  begin(target: Target): () => void {
    const key = keyOf(target)
    this.#counts.set(key, this.#of(key) + 1)
    let over = false
    return () => {
      if (over) return
      over = true
      const left = this.#of(key) - 1
      if (left === 0) this.#counts.delete(key)
      else this.#counts.set(key, left)
    }
  }

  count(target: Target): number {
    return this.#of(keyOf(target))
  }

  #of(key: string): number {
    return this.#counts.get(key) ?? 0
  }
}

const keyOf = ({ instance, model }: Target): string => `${instance}/${model}`
