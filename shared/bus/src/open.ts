import { Bus } from './bus.ts'
import { NatsTransport } from './nats.ts'

/** A participant on the NATS servers at `url` (several separated by commas). It dials for ever; `connected` tells. */
export const openBus = (url: string, name: string): Bus => new Bus(new NatsTransport(url, name), name)
