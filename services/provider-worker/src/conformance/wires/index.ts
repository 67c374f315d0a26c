import type { WireName } from '../shapes.ts'
import { CHAT_HABITS } from './chat-habits.ts'
import { chatWire } from './chat.ts'
import { GEMINI_WIRE } from './gemini.ts'
import { MESSAGES_WIRE } from './messages.ts'
import { RESPONSES_WIRE } from './responses.ts'
import type { Wire } from './wire.ts'

/** How a type of provider speaks where it is asked in one of its APIs. */
export function wireFor(type: string, name: WireName): Wire {
  switch (name) {
    case 'messages':
      return MESSAGES_WIRE
    case 'gemini':
      return GEMINI_WIRE
    case 'responses':
      return RESPONSES_WIRE
    case 'chat': {
      const habits = CHAT_HABITS[type]
      if (!habits) throw new Error(`nothing is known of how ${type} speaks`)
      return chatWire(habits)
    }
  }
}
