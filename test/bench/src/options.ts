import { parseArgs } from 'node:util'
import { LANES, SYSTEMS, type LaneName, type SystemName } from './lanes.ts'

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
  /** Every lane and system is run, as long as the report page promises. */
  readonly complete: boolean
}

const LANE_NAMES = Object.keys(LANES) as LaneName[]
const ROUNDS = 3
const SECONDS = 3.5

/** Reads the command line; throws what is wrong with it. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: String(ROUNDS) },
      seconds: { type: 'string', default: String(SECONDS) },
      lanes: { type: 'string', default: LANE_NAMES.join(',') },
      systems: { type: 'string', default: SYSTEMS.join(',') },
      'ramp-ms': { type: 'string', default: '1300' },
      profile: { type: 'string' },
    },
  })
  const lanes = chosen('--lanes', values.lanes, LANE_NAMES)
  const systems = chosen('--systems', values.systems, SYSTEMS)
  const rounds = positive('--rounds', values.rounds)
  const seconds = positive('--seconds', values.seconds)
  const everything = lanes.length === LANE_NAMES.length && systems.length === SYSTEMS.length
  return {
    rounds,
    seconds,
    lanes,
    systems,
    rampMs: positive('--ramp-ms', values['ramp-ms']),
    profile: values.profile,
    complete: everything && rounds >= ROUNDS && seconds >= SECONDS && values.profile === undefined,
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
