import type { Bus } from '@gomodel/bus'
import { routingSet, routingWanted, type RoutingSettings } from '@gomodel/contracts'
import type { Router, Routing } from './router.ts'

/**
 * Brings together what the configuration file and the bus say of aliases. Every ingress keeps the newest revision that it heard and tells it
 * to those who come later, so that a restart of one forgets nothing.
 */
export class LiveRouting {
  readonly #bus: Bus
  readonly #router: Router
  #file: Routing
  #set: RoutingSettings | undefined

  constructor(bus: Bus, router: Router, file: Routing) {
    this.#bus = bus
    this.#router = router
    this.#file = file
  }

  /** Listens, and asks the others what holds. The result ends it. */
  start(): () => Promise<void> {
    const heard = this.#bus.on(routingSet, settings => this.#heard(settings))
    const wanted = this.#bus.on(routingWanted, ({ revision }) => {
      if (this.#set && this.#set.revision > revision) this.#bus.emit(routingSet, this.#set)
    })
    // Also after a time without the bus, when a change may have been missed.
    const ask = (): void => this.#bus.emit(routingWanted, { revision: this.#set?.revision ?? 0 })
    this.#bus.onStatus(({ kind }) => {
      if (kind === 'connected') ask()
    })
    ask()
    return async () => {
      await Promise.all([heard.stop(), wanted.stop()])
    }
  }

  /** The file was changed. */
  configure(file: Routing): void {
    this.#file = file
    this.#apply()
  }

  #heard(settings: RoutingSettings): void {
    if (settings.revision <= (this.#set?.revision ?? 0)) return
    this.#set = settings
    this.#apply()
  }

  #apply(): void {
    const aliases = new Map(this.#file.aliases)
    for (const [name, alias] of Object.entries(this.#set?.aliases ?? {})) {
      if (alias) aliases.set(name, alias)
      else aliases.delete(name)
    }
    this.#router.configure({ ...this.#file, aliases })
  }
}
