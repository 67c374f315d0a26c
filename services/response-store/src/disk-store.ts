import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '@gomodel/service'
import { decodeRecord, encodeRecord } from './record.ts'
import type { Entry, Found, Store } from './store.ts'

/** Where, how long and how much is kept. */
export interface DiskStoreOptions {
  readonly folder: string
  readonly ttlMs: number
  readonly limitBytes: number
  readonly log: Log
  /** A clock in milliseconds since 1970. */
  readonly now: () => number
}

/** A file that is there. */
interface Kept {
  readonly size: number
  readonly at: number
}

const ENDING = '.response'
const BEGUN = '.begun'

/** Responses as files of one folder, one each: written aside and then renamed, so that none is ever half. The oldest go when they are too old, or take too much. */
export class DiskStore implements Store {
  readonly kind = 'disk'
  readonly #options: DiskStoreOptions
  /** By key, the oldest first. */
  readonly #files: Map<string, Kept>
  #bytes = 0

  private constructor(options: DiskStoreOptions, files: readonly (readonly [string, Kept])[]) {
    this.#options = options
    this.#files = new Map(files)
    this.#bytes = files.reduce((sum, [, { size }]) => sum + size, 0)
  }

  /** Looks at what is there; throws when the folder cannot be read. It is made when it is first needed. */
  static async open(options: DiskStoreOptions): Promise<DiskStore> {
    const { folder } = options
    const files: [string, Kept][] = []
    for (const name of await readdir(folder).catch(ifGone<string[]>([]))) {
      // What a process began to write when it was killed.
      if (name.endsWith(BEGUN)) await unlink(join(folder, name)).catch(ignored)
      if (!name.endsWith(ENDING)) continue
      const found = await stat(join(folder, name)).catch(ignored)
      if (found) files.push([name.slice(0, -ENDING.length), { size: found.size, at: found.mtimeMs }])
    }
    const store = new DiskStore(options, files.toSorted(([, a], [, b]) => a.at - b.at))
    await store.sweep()
    return store
  }

  get bytes(): number {
    return this.#bytes
  }

  get entries(): number {
    return this.#files.size
  }

  async find(key: string): Promise<Found> {
    const known = this.#files.get(key)
    if (!known || this.#isOld(known)) return 'missing'
    try {
      return decodeRecord(await readFile(this.#path(key))) ?? 'missing'
    } catch (thrown) {
      if (isGone(thrown)) return 'missing'
      this.#options.log.warn({ err: thrown }, 'a kept response cannot be read')
      return 'unavailable'
    }
  }

  async keep(key: string, entry: Entry): Promise<boolean> {
    const record = encodeRecord(entry)
    const begun = join(this.#options.folder, `${randomUUID()}${BEGUN}`)
    try {
      await mkdir(this.#options.folder, { recursive: true, mode: 0o700 })
      await writeFile(begun, record, { mode: 0o600 })
      await rename(begun, this.#path(key))
    } catch (thrown) {
      await unlink(begun).catch(ignored)
      this.#options.log.warn({ err: thrown }, 'a response cannot be kept')
      return false
    }
    this.#note(key, undefined)
    this.#note(key, { size: record.length, at: this.#options.now() })
    await this.sweep()
    return true
  }

  async forget(key: string): Promise<boolean | 'unavailable'> {
    const known = this.#files.get(key)
    if (!known) return false
    this.#note(key, undefined)
    try {
      await unlink(this.#path(key))
      return !this.#isOld(known)
    } catch (thrown) {
      if (isGone(thrown)) return false
      this.#note(key, known)
      this.#options.log.warn({ err: thrown }, 'a kept response cannot be removed')
      return 'unavailable'
    }
  }

  /** Removes what is too old, and the oldest of what is too much. */
  async sweep(): Promise<void> {
    for (const [key, kept] of this.#files) {
      if (!this.#isOld(kept) && this.#bytes <= this.#options.limitBytes) return
      this.#note(key, undefined)
      await unlink(this.#path(key)).catch(ignored)
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #note(key: string, kept: Kept | undefined): void {
    const before = this.#files.get(key)
    this.#bytes += (kept?.size ?? 0) - (before?.size ?? 0)
    if (kept) this.#files.set(key, kept)
    else this.#files.delete(key)
  }

  #isOld({ at }: Kept): boolean {
    return this.#options.now() - at > this.#options.ttlMs
  }

  #path(key: string): string {
    return join(this.#options.folder, `${key}${ENDING}`)
  }
}

const isGone = (thrown: unknown): boolean => (thrown as { code?: unknown }).code === 'ENOENT'

const ifGone =
  <T>(instead: T) =>
  (thrown: unknown): T => {
    if (isGone(thrown)) return instead
    throw thrown
  }

const ignored = (): undefined => undefined
