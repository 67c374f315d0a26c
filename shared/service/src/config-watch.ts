import { isDeepStrictEqual } from 'node:util'
import { findConfigFile, isTree, textOfFile } from './config-file.ts'
import type { Configuration } from './configuration.ts'
import { ConfigurationError } from './configuration-error.ts'
import type { Environment } from './environment.ts'
import type { ConfigListener, GatewayConfig } from './gateway-config.ts'
import { gatewaySettings } from './gateway-settings.ts'
import type { Logger } from './log.ts'
import { sourceOf } from './settings.ts'

/** What looks after the files of the configuration. */
export interface Watched {
  readonly environment: Environment
  /** What the process started with. */
  readonly started: Configuration
  /** Reads and judges everything anew; throws a ConfigurationError. */
  readonly read: () => Configuration
  readonly log: Logger
  readonly everyMs?: number
}

const EVERY_MS = 500
const MAX_NAMED = 20
/** What takes effect without a restart. */
const LIVE = new Set(['aliases', 'fallback'])

/**
 * Notices that the YAML file, or the file of rules that it names, has other content. Content is compared, not events or times: editors replace files,
 * mounted volumes swap links. A change counts when two looks in a row see the same, so that nothing half written is read.
 */
export class ConfigWatch {
  readonly #watched: Watched
  readonly #listeners = new Set<ConfigListener>()
  readonly #timer: NodeJS.Timeout
  #current: Configuration
  /** The first look is always followed up: a file may have changed since it was read. */
  #applied = ''
  #lastSeen = ''

  constructor(watched: Watched) {
    this.#watched = watched
    this.#current = watched.started
    this.#timer = setInterval(() => this.#check(), watched.everyMs ?? EVERY_MS)
    this.#timer.unref()
  }

  get config(): GatewayConfig {
    return this.#current.config
  }

  /** Tells of every later configuration, until the function that it returns is called. */
  listen(listener: ConfigListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #check(): void {
    const seen = this.#look()
    const settled = seen === this.#lastSeen
    this.#lastSeen = seen
    if (!settled || seen === this.#applied) return
    this.#applied = seen
    this.#apply()
  }

  /** The text of all files together; one that is missing has none. */
  #look(): string {
    const { environment } = this.#watched
    const rules = sourceOf(gatewaySettings.fallbackRulesPath, environment, this.#current.file).text
    return JSON.stringify([findConfigFile(environment), rules].map(path => path && contentOf(path)))
  }

  #apply(): void {
    const { log, started } = this.#watched
    try {
      const next = this.#read()
      const restart = changedPlaces(started.file.content, next.file.content).filter(place => !LIVE.has(place.split('.')[0] ?? ''))
      const { models, providers } = started.config
      const changed = !isDeepStrictEqual([next.config.aliases, next.config.fallback], [this.config.aliases, this.config.fallback])
      this.#current = { file: next.file, config: Object.freeze({ ...next.config, models, providers }) }
      // The rules may have another file now, whose content is not news.
      this.#applied = this.#look()
      this.#lastSeen = this.#applied
      if (restart.length > 0) log.warn({ file: next.file.path, changed: restart.slice(0, MAX_NAMED) }, 'the configuration changed where that takes effect only after a restart')
      if (changed) this.#tell()
    } catch (thrown) {
      if (!(thrown instanceof ConfigurationError)) throw thrown
      log.error({ problems: thrown.problems }, 'the configuration changed and is not valid: what was read before stays in force')
    }
  }

  #read(): Configuration {
    const { environment, read } = this.#watched
    const { path } = this.#current.file
    // Else a file that is gone would be as good as an empty one.
    if (path !== undefined && findConfigFile(environment) === undefined) throw new ConfigurationError([`${path} is gone`])
    return read()
  }

  #tell(): void {
    const { log } = this.#watched
    log.info({ file: this.#current.file.path, aliases: this.config.aliases.size, fallbackRules: this.config.fallback.rules.size }, 'the configuration changed and is in force')
    for (const listener of this.#listeners) {
      try {
        listener(this.config)
      } catch (thrown) {
        log.error({ err: thrown }, 'a change of the configuration could not be followed')
      }
    }
  }
}

function contentOf(path: string): string | undefined {
  try {
    return textOfFile(path, path)
  } catch {
    return undefined
  }
}

/** The places at which two trees differ, as `server.port`. */
function changedPlaces(before: unknown, after: unknown, path = ''): string[] {
  if (isDeepStrictEqual(before, after)) return []
  if (!isTree(before) || !isTree(after)) return [path]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(key => changedPlaces(before[key], after[key], path === '' ? key : `${path}.${key}`))
}
