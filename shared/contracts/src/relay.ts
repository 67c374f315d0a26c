import { Type, type Static } from 'typebox'
import { exchange } from './contract.ts'
import { NativeUsage, Usage } from './usage.ts'

/** Methods that a provider may be asked with. */
export const Method = Type.Enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])
export type Method = Static<typeof Method>

/** Names in small letters, and values; a name may come more than once. */
const Headers = Type.Array(Type.Tuple([Type.String(), Type.String()]))

/** Resources of the OpenAI API that some providers have, and that are passed on as they are. */
export const Resource = Type.Enum(['files', 'batches', 'responses'])
export type Resource = Static<typeof Resource>

/** One HTTP request that reaches a provider as the client wrote it, save its credentials. The pool is the provider instance; both bodies are bytes. */
export const relay = exchange({
  name: 'relay',
  request: Type.Object({
    requestId: Type.String(),
    method: Method,
    /** Below the address of the instance, with its query; it holds no key. */
    path: Type.String({ pattern: '^/' }),
    /** Without credentials, and without what belongs to one connection. */
    headers: Headers,
    /** A path of the OpenAI API, wherever this provider has it; without it, a path of the provider's own. */
    resource: Type.Optional(Resource),
    /** A path that begins with `/v1` means the same without. */
    v1Alias: Type.Optional(Type.Boolean()),
    /** The body uploads a file as a form: when it is the input of a batch, the models that it names get the names that the provider knows. */
    upload: Type.Optional(Type.Boolean()),
    /** What comes back are the results of this batch: what they cost is counted once, however often they are fetched. */
    batch: Type.Optional(Type.String()),
  }),
  head: Type.Object({
    /** The instance that answers. */
    provider: Type.String(),
    /** The provider's own, whatever it says. */
    status: Type.Integer(),
    headers: Headers,
  }),
  end: Type.Object({
    /** What was spent, where the answer said so in a way that is understood. */
    usage: Type.Optional(Usage),
    /** The usage object as the provider gave it. */
    nativeUsage: Type.Optional(NativeUsage),
    /** The usage is that of a whole batch: the one that the request named. */
    batch: Type.Optional(Type.String()),
    /** Milliseconds from the call of the provider to its first byte, and to the end of its answer. */
    upstream: Type.Optional(Type.Object({ firstMs: Type.Number(), totalMs: Type.Number() })),
  }),
})
