import type { Change } from '@gomodel/contracts'
import { providerCall } from '../dialects/index.ts'
import type { End, GenerateRequest, ProviderCall } from '../provider.ts'
import { EventSplitter } from '../sse.ts'
import type { DialectName, Fields, Mode } from './shapes.ts'
import type { Subject } from './subjects.ts'

/** A request that was made of a provider, and what had to be changed for it. */
export interface Made {
  readonly call: ProviderCall
  readonly changes: readonly Change[]
}

/** Asks a provider as a worker does. Throws where it cannot be asked. */
export function ask({ provider, type }: Subject, spoken: { dialect: DialectName; mode: Mode; model: string; fields: Fields; strict?: boolean }): Made {
  const { dialect, mode, model, fields, strict = false } = spoken
  const streaming = mode === 'stream' ? { stream: true, ...(dialect === 'chat' && { stream_options: { include_usage: true } }) } : {}
  const request: GenerateRequest = { requestId: 'request-1', endpoint: dialect, model, stream: mode === 'stream', includeUsage: true, strict }
  const { call, changes } = providerCall(provider, type, { body: Buffer.from(JSON.stringify({ model: `${type}/${model}`, ...fields, ...streaming })), request })
  if (!call) throw new Error('it is answered without a call')
  return { call, changes: changes.list }
}

/** What a client gets of an answer that comes as a stream, cut anywhere; `onBytes` is told of it as it goes out, also of one that fails. */
export function readStream(call: ProviderCall, pieces: Iterable<Uint8Array>, onBytes: (bytes: Uint8Array) => void = () => undefined): { bytes: Uint8Array; end: End } {
  const reader = call.reader()
  const splitter = new EventSplitter()
  const sent: Uint8Array[] = []
  const send = (bytes: Uint8Array | undefined): void => {
    if (!bytes) return
    // A buffer that is used again must not change what went out.
    sent.push(Buffer.from(bytes))
    onBytes(bytes)
  }
  for (const piece of pieces) for (const event of splitter.push(piece)) send(reader.read(event))
  const last = splitter.end()
  if (last) send(reader.read(last))
  send(reader.close())
  return { bytes: Buffer.concat(sent), end: reader.end }
}
