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
  needs: [{ what: 'the picture', met: asked => asked.images.includes(PIXEL), field: /content/ }],
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
  needs: [{ what: 'the address of the picture', met: asked => asked.images.includes(imageAddress), field: /content/ }],
}

const files: Feature = {
  name: 'files',
  requests: {
    chat: { messages: [{ role: 'user', content: [{ type: 'text', text: HELLO }, { type: 'file', file: { filename: 'sky.pdf', file_data: `data:application/pdf;base64,${DOCUMENT}` } }] }] },
    responses: { input: [{ role: 'user', content: [{ type: 'input_text', text: HELLO }, { type: 'input_file', filename: 'sky.pdf', file_data: `data:application/pdf;base64,${DOCUMENT}` }] }] },
    messages: { max_tokens: 100, messages: [{ role: 'user', content: [{ type: 'text', text: HELLO }, { type: 'document', title: 'sky.pdf', source: { type: 'base64', media_type: 'application/pdf', data: DOCUMENT } }] }] },
  },
  answer: BLUE,
  needs: [{ what: 'the document', met: asked => asked.documents.includes(DOCUMENT), field: /content/ }],
}

const cacheMarkers: Feature = {
  name: 'prompt-cache markers',
  requests: {
    chat: { messages: [{ role: 'user', content: [{ type: 'text', text: HELLO, cache_control: { type: 'ephemeral' } }] }] },
    responses: { input: [{ role: 'user', content: [{ type: 'input_text', text: HELLO, cache_control: { type: 'ephemeral' } }] }] },
    messages: { max_tokens: 100, messages: [{ role: 'user', content: [{ type: 'text', text: HELLO, cache_control: { type: 'ephemeral' } }] }] },
  },
  answer: BLUE,
  needs: [{ what: 'the marker', met: ({ cacheMarks }) => cacheMarks > 0, field: /cache_control/ }],
}

/** What is said to a model, in words and otherwise. */
export const CONVERSATION: readonly Feature[] = [text, systemPrompt, images, imagesByAddress, files, cacheMarkers]
