import { onTestFinished } from 'vitest'
import { Bus, InProcessBroker } from '../src/index.ts'
import { newPool } from './actors.ts'
import { LossyTransport } from './lossy-transport.ts'

type LossyBus = Bus & { transport: LossyTransport }

/** A caller and a worker in this process that talk by messages, which can be made to be lost. */
export function lossyPair({ maxPayload }: { maxPayload?: number } = {}): { caller: LossyBus; worker: LossyBus; pool: string } {
  const broker = new InProcessBroker(maxPayload)
  const join = (name: string): LossyBus => {
    const transport = new LossyTransport(broker.connect())
    const bus = Object.assign(new Bus(transport, name), { transport })
    onTestFinished(() => bus.close())
    return bus
  }
  return { caller: join('caller'), worker: join('worker'), pool: newPool() }
}
