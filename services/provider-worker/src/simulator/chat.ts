import type { ServerResponse } from 'node:http'
import { type Choice, choicesFor } from './chat-answer.ts'
import { type Frame, completionTokens, events, whole } from './chat-forms.ts'
import { chatQuestion } from './chat-request.ts'
import { speak } from './pace.ts'
import type { Fields } from './request-fields.ts'
import { sendJson } from './send-json.ts'
import type { Behaviour } from './simulated-models.ts'
import { estimatedTokens } from './tokens.ts'

/** A chat with a simulated model. */
export interface Chat {
  readonly fields: Fields
  readonly model: string
  readonly behaviour: Behaviour
  readonly id: string
  readonly spoke: (tokens: number) => void
}

/** Answers a chat as its model behaves: whole or in a stream, at its pace, to its end or not. */
export function chat(response: ServerResponse, { fields, model, behaviour, id, spoke }: Chat): void {
  const question = chatQuestion(fields)
  const choices = choicesFor(question)
  const frame: Frame = { id, model, promptTokens: estimatedTokens(question.characters), includeUsage: question.includeUsage }
  if (question.stream) stream(response, { frame, choices, behaviour, spoke })
  else answer(response, { frame, choices, behaviour, spoke })
}

interface Speaking {
  readonly frame: Frame
  readonly choices: readonly Choice[]
  readonly behaviour: Behaviour
  readonly spoke: (tokens: number) => void
}

/** The whole answer, after the time that it takes to speak it. */
function answer(response: ServerResponse, { frame, choices, behaviour, spoke }: Speaking): void {
  const done = (): void => {
    if (behaviour.ending === 'silent') return
    const body = Buffer.from(JSON.stringify(whole(frame, choices)))
    if (behaviour.ending === 'whole') return sendJson(response, body)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.write(body.subarray(0, body.length >> 1))
    hangUp(response)
  }
  speak(response, { tokens: completionTokens(choices), take: spoke, done }, behaviour)
}

function stream(response: ServerResponse, { frame, choices, behaviour, spoke }: Speaking): void {
  const said = events(frame, choices)
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  response.write(said.head)
  let spoken = 0
  const take = (count: number): void => {
    response.write(said.slice(spoken, spoken + count))
    spoken += count
    spoke(count)
  }
  const done = (): void => {
    if (behaviour.ending === 'whole') response.end(said.tail)
    else if (behaviour.ending === 'cut') hangUp(response)
  }
  const tokens = behaviour.ending === 'whole' ? said.tokens : Math.ceil(said.tokens / 3)
  speak(response, { tokens, take, done }, behaviour)
}

/** Closes the connection in the middle of an answer, once what was written is sent. */
const hangUp = (response: ServerResponse): void => void response.socket?.destroySoon()
