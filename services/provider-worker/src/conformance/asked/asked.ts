import type { Asked, WireName } from '../shapes.ts'
import { askedOfChat } from './chat.ts'
import { askedOfGemini } from './gemini.ts'
import { askedOfMessages } from './messages.ts'
import { askedOfResponses } from './responses.ts'

/** What a provider is asked by the bytes that are sent to it. */
export function askedBy({ path, body }: { readonly path: string; readonly body: Uint8Array }): Asked {
  const value: unknown = JSON.parse(Buffer.from(body).toString())
  switch (wireOf(path)) {
    case 'chat':
      return askedOfChat(value)
    case 'responses':
      return askedOfResponses(value)
    case 'messages':
      return askedOfMessages(value)
    case 'gemini':
      return askedOfGemini(value, path)
  }
}

/** How a provider speaks at an address. */
export function wireOf(path: string): WireName {
  const [address = ''] = path.split('?')
  if (address.endsWith('/chat/completions')) return 'chat'
  if (address.endsWith('/responses')) return 'responses'
  if (address.endsWith('/messages')) return 'messages'
  if (/:(?:stream)?[gG]enerateContent$/.test(address)) return 'gemini'
  throw new Error(`nothing is known of ${path}`)
}
