import type { HubMessage, HubRequest, Part } from './hub.ts'

// English and code are about four bytes a token, Chinese about three, other scripts and long numbers less: a count that is used to
// stay within a limit had better err upwards.
const BYTES_PER_TOKEN = 3.5
/** Roles and separators. */
const TOKENS_PER_MESSAGE = 4
/** Anthropic's figure for an image of 1,092 × 1,092 dots, above which it makes them smaller; OpenAI's are of the same size. */
const TOKENS_PER_IMAGE = 1600
// A page of a PDF is some 50 kB and 2,000 tokens: its text, and its picture.
const FILE_BYTES_PER_TOKEN = 25
const TOKENS_PER_UNKNOWN_FILE = 2000

/** How many tokens a request may be, from its text; 10 to 20 percent off for prose, more for what is no text. */
export function estimatedTokens({ messages, tools, response_format: format }: HubRequest): number {
  let tokens = 0
  for (const message of messages) tokens += TOKENS_PER_MESSAGE + messageTokens(message)
  if (tools && tools.length > 0) tokens += textTokens(JSON.stringify(tools))
  if (format?.type === 'json_schema') tokens += textTokens(JSON.stringify(format.json_schema))
  return Math.max(1, Math.ceil(tokens))
}

function messageTokens({ content, tool_calls: calls }: HubMessage): number {
  let tokens = 0
  if (typeof content === 'string') tokens += textTokens(content)
  else for (const part of content ?? []) tokens += partTokens(part)
  for (const { function: called } of calls ?? []) tokens += textTokens(called.name) + textTokens(called.arguments)
  return tokens
}

function partTokens(part: Part): number {
  switch (part.type) {
    case 'text':
      return textTokens(part.text)
    case 'refusal':
      return textTokens(part.refusal)
    case 'image_url':
      return TOKENS_PER_IMAGE
    case 'input_audio':
      return fileTokens(part.input_audio.data)
    case 'file':
      return part.file.file_data === undefined ? TOKENS_PER_UNKNOWN_FILE : fileTokens(part.file.file_data)
  }
}

const textTokens = (text: string): number => Buffer.byteLength(text) / BYTES_PER_TOKEN

/** Base64 makes four characters of three bytes. */
const fileTokens = (base64: string): number => (base64.length * 3) / 4 / FILE_BYTES_PER_TOKEN
