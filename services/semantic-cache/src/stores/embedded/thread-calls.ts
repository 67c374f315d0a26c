import { parentPort, type Transferable } from 'node:worker_threads'
import { reasonOf } from '../store-failure.ts'

/** A call as it crosses to the thread. */
export interface ThreadCall {
  readonly number: number
  readonly name: string
  readonly values: readonly unknown[]
}

/** What comes back: the answer to a call, or something that nobody asked for. */
export type ThreadReply =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly failure: string }
  | { readonly damaged: string }

/** What a thread can be asked to do, one call after the other. */
export type Tasks = Readonly<Record<string, (...values: never[]) => unknown>>

/** Answers the calls of the thread that started this one; every failure is a reason in our own words. */
export function serveCalls(tasks: Tasks): void {
  parentPort!.on('message', ({ number, name, values }: ThreadCall) => {
    try {
      const value = tasks[name]!(...(values as never[]))
      tell({ number, value }, value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : [])
    } catch (thrown) {
      tell({ number, failure: reasonOf(thrown) })
    }
  })
}

/** Sends something to the thread that started this one. */
export const tell = (reply: ThreadReply, transfer: Transferable[] = []): void => parentPort!.postMessage(reply, transfer)
