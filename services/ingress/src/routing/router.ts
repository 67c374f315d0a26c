import { hash } from 'node:crypto'
import { GatewayError } from '@gomodel/contracts'
import type { Alias, GatewayConfig } from '@gomodel/service'
import type { Catalog, Target } from '../catalog.ts'
import { InFlight } from './in-flight.ts'

/** One place where a request may be answered. */
export interface Candidate extends Target {
  /** Its share among the targets of one alias. */
  readonly weight: number
  /** Asked only because another could not answer. */
  readonly fallback: boolean
}

/** What a model name means now. */
export interface Route {
  /** What stands for the model in a cache: never which of several equal targets the load chose. */
  readonly logical: Target
  /** The equal targets first, in no order; then the fallbacks, best first. At least one. */
  readonly candidates: readonly Candidate[]
}

/** What the operator decides about the ways of requests. */
export type Routing = Pick<GatewayConfig, 'aliases' | 'fallback'>

/** From model names to places: aliases, weights, load and fallbacks over the models that are there. */
export class Router {
  readonly #catalog: Catalog
  readonly #random: () => number
  readonly #inFlight = new InFlight()
  #routing: Routing

  /** `random` gives numbers from 0 to 1, 1 excluded. */
  constructor(catalog: Catalog, routing: Routing, random: () => number = Math.random) {
    this.#catalog = catalog
    this.#routing = routing
    this.#random = random
  }

  /** The operator changed his mind; requests under way go on as they began. */
  configure(routing: Routing): void {
    this.#routing = routing
  }

  /** The names that the operator made, with what they stand for. */
  get aliases(): ReadonlyMap<string, Alias> {
    return this.#routing.aliases
  }

  /** Throws `model_not_found` for a name that means nothing here. */
  resolve(name: string): Route {
    const alias = this.#routing.aliases.get(name)
    if (alias) return this.#throughAlias(name, alias)
    const target = this.#catalog.resolve(name)
    const first = { ...target, weight: 1, fallback: false }
    const others = this.#fallsBack ? this.#fallbacks([name, `${target.instance}/${target.model}`, target.model], target) : []
    return { logical: target, candidates: others.length === 0 ? [first] : distinct([first, ...others]) }
  }

  /** The candidates in the order in which to ask them: of equal ones the less busy of two that the weights chose, then the rest. */
  inOrder({ candidates }: Route): readonly Candidate[] {
    if (candidates.length === 1) return candidates
    const equals = candidates.filter(({ fallback }) => !fallback)
    const ordered: Candidate[] = []
    while (equals.length > 0) {
      const served = equals.filter(one => this.#isServed(one))
      const chosen = this.#lessBusy(served.length > 0 ? served : equals)
      ordered.push(chosen)
      equals.splice(equals.indexOf(chosen), 1)
    }
    return [...ordered, ...candidates.filter(({ fallback }) => fallback)]
  }

  /** Counts a request that is under way; the result ends it, and does so once. */
  busy(target: Target): () => void {
    return this.#inFlight.begin(target)
  }

  requireServed(target: Target): void {
    this.#catalog.requireServed(target)
  }

  /** Some model has a fallback; mostly none has. */
  get #fallsBack(): boolean {
    const { mode, overrides, rules } = this.#routing.fallback
    return mode === 'auto' || overrides.size > 0 || (mode === 'manual' && rules.size > 0)
  }

  #throughAlias(name: string, alias: Alias): Route {
    const targets = alias.targets.flatMap(({ model, weight }) => {
      const target = this.#catalog.find(model)
      return target ? [{ ...target, weight, fallback: false }] : []
    })
    const named = [name, ...alias.targets.map(({ model }) => model)]
    const candidates = distinct([...targets, ...this.#known(alias.fallback), ...this.#fallbacks(named, targets[0])])
    if (candidates.length === 0) {
      throw new GatewayError('model_not_found', `the alias ${name} stands for ${alias.targets.map(({ model }) => model).join(', ')}, which no instance lists`, { param: 'model' })
    }
    const revision = hash('sha256', JSON.stringify(alias.targets), 'hex').slice(0, 16)
    return { logical: { instance: 'alias', model: `${name}@${revision}` }, candidates }
  }

  #fallbacks(names: readonly string[], target: Target | undefined): Candidate[] {
    const { mode, overrides, rules } = this.#routing.fallback
    const chosen = names.map(name => overrides.get(name)).find(known => known !== undefined) ?? mode
    if (chosen === 'off') return []
    const ruled = this.#known(names.map(name => rules.get(name)).find(known => known !== undefined) ?? [])
    if (chosen === 'manual' || !target) return ruled
    return [...ruled, ...this.#catalog.elsewhere(target).map(other => ({ ...other, weight: 1, fallback: true }))]
  }

  #known(models: readonly string[]): Candidate[] {
    return models.flatMap(model => {
      const target = this.#catalog.find(model)
      return target ? [{ ...target, weight: 1, fallback: true }] : []
    })
  }

  #isServed(target: Target): boolean {
    try {
      this.#catalog.requireServed(target)
      return true
    } catch {
      return false
    }
  }

  #lessBusy(candidates: readonly Candidate[]): Candidate {
    const one = this.#byWeight(candidates)
    const other = this.#byWeight(candidates)
    return this.#load(other) < this.#load(one) ? other : one
  }

  #load(candidate: Candidate): number {
    return this.#inFlight.count(candidate) / candidate.weight
  }

  #byWeight(candidates: readonly Candidate[]): Candidate {
    let rest = this.#random() * candidates.reduce((sum, { weight }) => sum + weight, 0)
    return candidates.find(({ weight }) => (rest -= weight) < 0) ?? candidates.at(-1)!
  }
}

/** Every place once, at its best. */
function distinct(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>()
  return candidates.filter(({ instance, model }) => !seen.has(`${instance}/${model}`) && seen.add(`${instance}/${model}`))
}
