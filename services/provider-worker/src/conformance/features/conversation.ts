import type { Answer, Feature } from '../shapes.ts'

/** What the user says where nothing depends on it. */
export const HELLO = 'What colour is the sky?'
/** What is answered where nothing depends on it. */
export const BLUE: Answer = { text: ['The sky', ' is ', 'blue. ☀'], ending: 'stop' }
const SYSTEM = 'Answer like a sailor.'
/** A picture of one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const DOCUMENT = Buffer.from('%PDF-1.4 an empty page').toString('base64')

const text: Feature = {
  name: 'text',
  requests: {
    chat: { messages: [{ role: 'user', content: HELLO }] },
    responses: { input: HELLO },
    messages: { max_tokens: 100, messages: [{ role: 'user', content: HELLO }] },
  },
  answer: BLUE,
  needs: [{ what: 'the words of the user', met: ({ said }) => said.includes(HELLO), field: /messages|input/ }],
}

const systemPrompt: Feature = {
  name: 'system prompt',
  requests: {
    chat: { messages: [{ role: 'system', content: SYSTEM }, { role: 'user', content: HELLO }] },
    responses: { instructions: SYSTEM, input: [{ role: 'user', content: [{ type: 'input_text', text: HELLO }] }] },
    messages: { max_tokens: 100, system: SYSTEM, messages: [{ role: 'user', content: [{ type: 'text', text: HELLO }] }] },
  },
  answer: BLUE,
  needs: [
    { what: 'the words of the system', met: ({ system }) => system.includes(SYSTEM), field: /messages|instructions|system/ },
    { what: 'the words of the user', met: ({ said }) => said.includes(HELLO), field: /messages|input/ },
  ],
}

const images: Feature = {
  name: 'images',
  requests: {
    chat: { messages: [{ role: 'user', content: [{ type: 'text', text: HELLO }, { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } }] }] },
    responses: { input: [{ role: 'user', content: [{ type: 'input_text', text: HELLO }, { type: 'input_image', image_url: `data:image/png;base64,${PIXEL}` }] }] },
    messages: { max_tokens: 100, messages: [{ role: 'user', content: [{ type: 'text', text: HELLO }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } }] }] },
  },
  answer: BLUE,
  needs: [{ what: 'the picture', met: asked => asked.images.includes(PIXEL), field: /image_url|source/ }],
}

const imageAddress = 'https://example.com/sky.png'
const imagesByAddress: Feature = {
  name: 'images by address',
  requests: {
    chat: { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: imageAddress } }] }] },
    responses: { input: [{ role: 'user', content: [{ type: 'input_image', image_url: imageAddress }] }] },
    messages: { max_tokens: 100, messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: imageAddress } }] }] },
  },
  answer: BLUE,
  needs: [{ what: 'the address of the picture', met: asked => asked.images.includes(imageAddress), field: /image_url|source/ }],
}

const files: Feature = {
  name: 'files',
  requests: {
    chat: { messages: [{ role: 'user', content: [{ type: 'text', text: HELLO }, { type: 'file', file: { filename: 'sky.pdf', file_data: `data:application/pdf;base64,${DOCUMENT}` } }] }] },
    responses: { input: [{ role: 'user', content: [{ type: 'input_text', text: HELLO }, { type: 'input_file', filename: 'sky.pdf', file_data: `data:application/pdf;base64,${DOCUMENT}` }] }] },
    messages: { max_tokens: 100, messages: [{ role: 'user', content: [{ type: 'text', text: HELLO }, { type: 'document', title: 'sky.pdf', source: { type: 'base64', media_type: 'application/pdf', data: DOCUMENT } }] }] },
  },
  answer: BLUE,
  needs: [{ what: 'the document', met: asked => asked.documents.includes(DOCUMENT), field: /file_data|source/ }],
}

const mark = { cache_control: { type: 'ephemeral' } }
const anyObject = { type: 'object', properties: {} }
const cacheMarkers: Feature = {
  name: 'prompt-cache markers',
  requests: {
    chat: {
      messages: [{ role: 'system', content: [{ type: 'text', text: SYSTEM, ...mark }] }, { role: 'user', content: [{ type: 'text', text: HELLO, ...mark }] }],
      tools: [{ type: 'function', function: { name: 'look', parameters: anyObject }, ...mark }],
    },
    responses: {
      input: [{ role: 'system', content: [{ type: 'input_text', text: SYSTEM, ...mark }] }, { role: 'user', content: [{ type: 'input_text', text: HELLO, ...mark }] }],
      tools: [{ type: 'function', name: 'look', parameters: anyObject, ...mark }],
    },
    messages: {
      max_tokens: 100,
      system: [{ type: 'text', text: SYSTEM, ...mark }],
      messages: [{ role: 'user', content: [{ type: 'text', text: HELLO, ...mark }] }],
      tools: [{ name: 'look', input_schema: anyObject, ...mark }],
    },
  },
  answer: BLUE,
  needs: [
    { what: 'the marker of the tool', met: ({ cacheMarks }) => cacheMarks.tools === 1, field: /^tools\[\d+\]\.cache_control$/ },
    { what: 'a marker of words', met: ({ cacheMarks }) => cacheMarks.words === 2, field: /content\[\d+\]\.cache_control$/ },
  ],
}

/** What is said to a model, in words and otherwise. */
export const CONVERSATION: readonly Feature[] = [text, systemPrompt, images, imagesByAddress, files, cacheMarkers]
