import type { Dialect } from '../../provider.ts'
import { ResponseWriter, wholeResponse } from './answer.ts'
import { chatRequest } from './chat-request.ts'
import { unsupported } from './field-check.ts'
import { given, readRequest } from './request.ts'

/** OpenAI's Responses API at a provider that has a chat only. */
export const responsesDialect: Dialect = {
  begin(body, request, changes) {
    const spoken = readRequest(body, changes)
    if (given(spoken.previous_response_id)) throw unsupported('previous_response_id', 'the earlier response is not kept here: send its items again')
    const asked = { spoken, request }
    return {
      ...chatRequest(spoken, changes),
      answer: answer => wholeResponse(asked, answer),
      writer: () => new ResponseWriter(asked),
    }
  },
}
