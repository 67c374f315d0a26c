import { WAYS, type ContenderName, type Lane, type Way } from './lanes.ts'
import type { System } from './systems.ts'

/** What takes its turn in a lane: a system, or one way through it. */
export interface Contender {
  readonly name: ContenderName
  readonly system: System
  readonly way: Way
}

/** All that take part in a lane, as far as their systems run. */
export function contendersOf({ systems, ways, model }: Lane, running: readonly System[]): Contender[] {
  return running
    .filter(({ name }) => systems.includes(name))
    .flatMap((system): Contender[] => ways?.map(name => ({ name, system, way: WAYS[name] })) ?? [{ name: system.name, system, way: { dialect: 'chat', model } }])
}
