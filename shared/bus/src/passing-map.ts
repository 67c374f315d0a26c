/**
 * A map for what stays a moment: requests under way, by name. A plain `Map` (a `Set` as well) whose entries come and go keeps the values of those
 * that went: V8 makes it a new table whenever the old one is used up, once it has aged in the old generation, and every value in a table
 * that was given up there survives until the whole heap is looked through (`OrderedHashTable::Rehash` in V8's `ordered-hash-table.cc`). So each
 * request was copied twice and kept for seconds. Here a value is let go of before its entry is.
 */
export class PassingMap<K, V extends object> {
  readonly #held = new Map<K, { value: V | undefined }>()

  get size(): number {
    return this.#held.size
  }

  has(key: K): boolean {
    return this.#held.has(key)
  }

  get(key: K): V | undefined {
    return this.#held.get(key)?.value
  }

  set(key: K, value: V): void {
    const held = this.#held.get(key)
    if (held) held.value = value
    else this.#held.set(key, { value })
  }

  delete(key: K): boolean {
    const held = this.#held.get(key)
    if (!held) return false
    held.value = undefined
    return this.#held.delete(key)
  }

  keys(): IteratorObject<K, undefined> {
    return this.#held.keys()
  }

  values(): IteratorObject<V, undefined> {
    return this.#held.values().map(({ value }) => value!)
  }

  [Symbol.iterator](): IteratorObject<[K, V], undefined> {
    return this.#held.entries().map(([key, { value }]): [K, V] => [key, value!])
  }
}
