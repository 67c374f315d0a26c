import { type JsonObject, isObject } from './json-object.ts'
import { eventOf } from './split-events.ts'

/** The event that tells a client that asked for it what the answer cost; `told` is any chunk or whole of the same answer. */
export function usageChunk({ id, created, model }: JsonObject, usage: JsonObject): string {
  return eventOf(JSON.stringify({ id, object: 'chat.completion.chunk', created, model, choices: [], usage }))
}

/** A chunk that says nothing but what the answer cost. */
export function isUsageChunk({ usage, choices }: JsonObject): boolean {
  return isObject(usage) && (choices === undefined || choices === null || (Array.isArray(choices) && choices.length === 0))
}
