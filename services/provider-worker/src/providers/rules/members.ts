import type { Change, Members } from '../../json-fields.ts'

/** The members of a request as rules see and change them. */
export interface RequestMembers {
  /** The value; undefined where there is no such member. */
  get(name: string): unknown
  /** Whether a text may stand anywhere in a member: false is certain. */
  mentions(name: string, text: string): boolean
  set(name: string, value: unknown): void
  /** The same value under another name, digit for digit. */
  rename(name: string, to: string): void
  remove(name: string): void
}

/** Those of an object, which is changed itself. */
export class ObjectMembers implements RequestMembers {
  readonly #object: Record<string, unknown>

  constructor(object: Record<string, unknown>) {
    this.#object = object
  }

  get(name: string): unknown {
    return this.#object[name]
  }

  mentions(): boolean {
    return true
  }

  set(name: string, value: unknown): void {
    this.#object[name] = value
  }

  rename(name: string, to: string): void {
    this.#object[to] = this.#object[name]
    delete this.#object[name]
  }

  remove(name: string): void {
    delete this.#object[name]
  }
}

/** Those of a JSON object that stays bytes: only a member that is looked at is parsed, only one that changes is written. */
export class ByteMembers implements RequestMembers {
  readonly #present: Members
  readonly #values = new Map<string, unknown>()
  /** By the name that a member now goes by, the one that it has in the bytes. */
  readonly #origins = new Map<string, string>()
  /** By the name in the bytes. */
  readonly changes = new Map<string, Change>()

  constructor(present: Members) {
    this.#present = present
  }

  get(name: string): unknown {
    if (this.#values.has(name)) return this.#values.get(name)
    const bytes = this.#present.get(name)
    const value: unknown = bytes && JSON.parse(textOf(bytes))
    this.#values.set(name, value)
    return value
  }

  mentions(name: string, text: string): boolean {
    if (this.changes.has(name)) return true
    const bytes = this.#present.get(name)
    return bytes !== undefined && bufferOf(bytes).includes(text)
  }

  set(name: string, value: unknown): void {
    const bytes = Buffer.from(JSON.stringify(value))
    const origin = this.#origins.get(name) ?? name
    this.#values.set(name, value)
    this.changes.set(origin, () => (origin === name ? bytes : { name, value: bytes }))
  }

  rename(name: string, to: string): void {
    this.#values.set(to, this.get(name))
    this.#values.set(name, undefined)
    this.#origins.set(to, name)
    this.changes.set(name, current => current && { name: to, value: current })
  }

  remove(name: string): void {
    this.#values.set(name, undefined)
    this.changes.set(this.#origins.get(name) ?? name, () => undefined)
  }
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const textOf = (bytes: Uint8Array): string => bufferOf(bytes).toString()
