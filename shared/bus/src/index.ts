export type { Answer, Call, ExchangeOptions, ServeOptions, Served, Subscribed, Trace } from './types.ts'
