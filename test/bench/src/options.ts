import { parseArgs } from 'node:util'
import { LANES, type LaneName } from './lanes.ts'

/** Who is asked: the upstream itself, the gateway in one process, the gateway over NATS. */
export const SYSTEMS = ['direct', 'standalone', 'nats'] as const

export type SystemName = (typeof SYSTEMS)[number]

/** What the command line asks for. */
export interface Options {
  readonly rounds: number
  readonly seconds: number
  readonly lanes: readonly LaneName[]
  readonly systems: readonly SystemName[]
  /** Over how many milliseconds the open streams begin. */
  readonly rampMs: number
  /** Where the gateway's processes leave their CPU profiles. */
  readonly profile: string | undefined
  /** Every lane and system was run as the report page promises. */
  readonly complete: boolean
}

const LANE_NAMES = Object.keys(LANES) as LaneName[]

/** Reads the command line; throws what is wrong with it. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3.5' },
      lanes: { type: 'string', default: LANE_NAMES.join(',') },
      systems: { type: 'string', default: SYSTEMS.join(',') },
      'ramp-ms': { type: 'string', default: '1300' },
      profile: { type: 'string' },
    },
  })
  const lanes = chosen('--lanes', values.lanes, LANE_NAMES)
  const systems = chosen('--systems', values.systems, SYSTEMS)
  return {
    rounds: positive('--rounds', values.rounds),
    seconds: positive('--seconds', values.seconds),
    lanes,
    systems,
    rampMs: positive('--ramp-ms', values['ramp-ms']),
    profile: values.profile,
    complete: lanes.length === LANE_NAMES.length && systems.length === SYSTEMS.length && values.profile === undefined,
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (value > 0) return value
  throw new Error(`${name} must be a number above 0; it is ${JSON.stringify(text)}`)
}

function chosen<T extends string>(name: string, text: string, all: readonly T[]): T[] {
  const names = text.split(',').map(part => part.trim())
  const unknown = names.find(part => !all.some(known => known === part))
  if (unknown !== undefined) throw new Error(`${name} knows ${all.join(', ')}; not ${JSON.stringify(unknown)}`)
  return all.filter(known => names.includes(known))
}
