/** What sets one provider of the OpenAI dialect apart from the next. */
export interface ProviderRow {
  /** Its name; in capitals, what its environment variables begin with. */
  readonly type: string
  readonly baseUrl: string
}

/** The providers that the environment may configure, in the order in which a bare model name looks through them. */
export const ROWS: readonly ProviderRow[] = [{ type: 'openai', baseUrl: 'https://api.openai.com/v1' }]
