import { readFileSync } from 'node:fs'

/** Reads a word table of `guards/tables` as it is; the caller names the type that its file has. */
export function table<Rows>(name: string): Rows {
  return JSON.parse(readFileSync(new URL(`../tables/${name}.json`, import.meta.url), 'utf8')) as Rows
}

/** A table whose values are words separated by blanks, as sets. */
export function wordSets(name: string): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(Object.entries(table<Record<string, string>>(name)).map(([key, words]) => [key, new Set(words.split(' '))]))
}
