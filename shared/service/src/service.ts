import type { Bus } from '@gomodel/bus'
import type { Registry } from 'prom-client'
import type { Environment } from './environment.ts'
import type { ConfigListener, GatewayConfig } from './gateway-config.ts'
import type { Logger } from './log.ts'
import type { Settings, ValuesOf } from './settings.ts'
import type { Tracing } from './tracing.ts'

/** What a service is given: nothing is global, so that several live in one process. */
export interface ServiceContext<S extends Settings> {
  readonly settings: ValuesOf<S>
  /** For what no fixed list of settings can name: provider instances. */
  readonly environment: Environment
  /** The sections of the YAML file, as they are at the start. */
  readonly config: GatewayConfig
  /** Tells of every later change of `aliases` and `fallback`, until the function that it returns is called. */
  readonly onConfig: (listener: ConfigListener) => () => void
  readonly bus: Bus
  readonly log: Logger
  readonly metrics: Registry
  /** Speaks in the name of this service. */
  readonly tracing: Tracing
  /** Ends the process with code 1 and this line on stderr: for what only the operator can put right. */
  readonly fail: (why: string) => void
}

/** A started service. */
export interface Running {
  /** Takes no new work and resolves when the running work is done. */
  stop(): Promise<void>
}

/** A service as a value: its name, its settings, and how to start it. */
export interface Service<S extends Settings = Settings> {
  readonly name: string
  readonly settings: S
  /** It listens on a port of its own and answers `/health`, `/ready` and `/metrics` there; for every other service its process does. */
  readonly servesHttp?: boolean
  start(context: ServiceContext<S>): Promise<Running>
}

export const defineService = <S extends Settings>(service: Service<S>): Service<S> => service
