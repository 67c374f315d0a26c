/** Headers that clients of OpenAI's dialect send for one provider: whose conversation it is (xAI), and who asks (OpenRouter). */
export const OPENAI_HEADERS: readonly string[] = ['x-grok-conv-id', 'http-referer', 'x-title']
