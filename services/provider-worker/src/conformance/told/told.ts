import type { DialectName, Mode, Told } from '../shapes.ts'
import { toldInChat } from './chat.ts'
import { toldInMessages } from './messages.ts'
import { toldInResponses } from './responses.ts'

const READERS = { chat: toldInChat, responses: toldInResponses, messages: toldInMessages } as const

/** What a client of a dialect got. */
export const toldIn = (dialect: DialectName, bytes: Uint8Array, mode: Mode): Told => READERS[dialect](bytes, mode)
