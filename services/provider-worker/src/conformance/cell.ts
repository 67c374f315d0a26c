import { type Change, GatewayError } from '@gomodel/contracts'
import { unsealed } from '../hub/sealed-reasoning.ts'
import { askedBy, wireOf } from './asked/asked.ts'
import { proofsIn, textsIn } from './asked/proofs.ts'
import { bookedDifferently, differences, spentDifferently } from './compare.ts'
import { type Made, ask, readStream } from './exchange.ts'
import { failureFaults } from './failures.ts'
import { at } from './read-json.ts'
import { type Answer, type Asked, type Cell, type DialectName, type Feature, type Fields, type Mode, type Need, type Told, type Verdict, lossesIn } from './shapes.ts'
import type { Subject } from './subjects.ts'
import { toldIn } from './told/told.ts'
import { wireFor } from './wires/index.ts'
import type { Wire } from './wires/wire.ts'

/** One way in which a feature is asked for. */
interface Way {
  readonly subject: Subject
  readonly dialect: DialectName
  readonly feature: Feature
  readonly mode: Mode
  readonly model: string
}

const WORST: readonly Verdict[] = ['none', 'pass', 'translated', 'changed', 'refused']

/** Finds out what becomes of a feature, as a whole answer and as a stream. */
export function cellOf(subject: Subject, dialect: DialectName, feature: Feature): Cell {
  const fields = feature.requests[dialect]
  if (!fields) return { verdict: 'none', notes: [], faults: [] }
  const model = subject.models[feature.thinks ? 'thinking' : 'plain']
  const cells = (['whole', 'stream'] as const).map(mode => examined({ subject, dialect, feature, mode, model }, fields))
  return {
    verdict: cells.map(({ verdict }) => verdict).toSorted((one, other) => WORST.indexOf(other) - WORST.indexOf(one))[0] ?? 'none',
    notes: [...new Set(cells.flatMap(({ notes }) => notes))],
    faults: cells.flatMap(({ faults }, place) => faults.map(fault => `${place === 0 ? 'whole' : 'stream'}: ${fault}`)),
  }
}

function examined(way: Way, fields: Fields): Cell {
  const { subject, feature, dialect } = way
  const made = madeOf(way, fields)
  if (made instanceof GatewayError) return refusedCell(made, fields)
  const asked = askedBy(made.call)
  const wire = wireFor(subject.type, wireOf(made.call.path))
  const native = subject.provider.native[dialect] !== undefined
  const faults = [...askedFaults(way, asked), ...lostSilently(asked, feature.needs, made.changes), ...misnamed(made.changes, fields), ...strictFaults(way, { fields, changes: made.changes })]
  const changes = [...made.changes]
  if (feature.fails) faults.push(...failureFaults(way, { call: made.call, wire }))
  else {
    const { told, faults: wrong } = answeredWith(way, { made, asked, wire, native })
    faults.push(...wrong)
    const next = told && askedNext(way, told, wire)
    if (next?.refused) return refusedCell(next.refused, next.fields)
    faults.push(...(next?.faults ?? []))
    changes.push(...(next?.changes ?? []))
  }
  const losses = lossesIn(changes)
  return { verdict: losses.length > 0 ? 'changed' : native ? 'pass' : 'translated', notes: [...new Set(losses.map(noteOf))], faults }
}

/** The error where a provider cannot be asked; one that names no field is a fault of the gateway's. */
function madeOf({ subject, dialect, mode, model }: Way, fields: Fields, strict = false): Made | GatewayError {
  try {
    return ask(subject, { dialect, mode, model, fields, strict })
  } catch (thrown) {
    if (thrown instanceof GatewayError && (thrown.code === 'unsupported' || thrown.code === 'invalid_request')) return thrown
    throw thrown
  }
}

const refusedCell = ({ details: { param } }: GatewayError, fields: Fields): Cell =>
  param === undefined
    ? { verdict: 'refused', notes: [], faults: ['it is refused, and no field is named'] }
    : { verdict: 'refused', notes: [`refused ${anywhere(param)}`], faults: misnamed([{ param }], fields) }

/** Who is told of a field that it did not send knows nothing. */
function misnamed(told: readonly Pick<Change, 'param'>[], fields: Fields): string[] {
  return told.filter(({ param }) => at(fields, ...param.split(/[.[\]]+/).filter(step => step !== '')) === undefined).map(({ param }) => `the client is told of ${param}, which it did not send`)
}

function askedFaults({ model, mode }: Way, asked: Asked): string[] {
  return [
    ...(asked.model === encodeURIComponent(model) || asked.model === model ? [] : [`the model is asked for as ${asked.model}`]),
    ...(asked.stream === (mode === 'stream') ? [] : [`${asked.stream ? 'a' : 'no'} stream is asked for`]),
  ]
}

function lostSilently(asked: Asked, needs: readonly Need[], changes: readonly Change[]): string[] {
  const lost = needs.filter(({ met, field }) => !met(asked) && !lossesIn(changes).some(({ param }) => field.test(param)))
  return lost.map(({ what }) => `${what} is lost without a word`)
}

/** Who wants all or nothing gets nothing where something would be lost. */
function strictFaults(way: Way, { fields, changes }: { fields: Fields; changes: readonly Change[] }): string[] {
  const made = madeOf(way, fields, true)
  const refused = made instanceof GatewayError
  const losses = lossesIn(changes).length > 0
  if (refused && losses) return refusedCell(made, fields).faults.slice()
  return refused === losses ? [] : [`a strict request is ${refused ? 'refused, though nothing is lost' : 'taken, though something is lost'}`]
}

function answeredWith({ dialect, feature, mode, model }: Way, { made, asked, wire, native }: { made: Made; asked: Asked; wire: Wire; native: boolean }): { told: Told | undefined; faults: string[] } {
  const answer = answeredTo(asked, feature.answer)
  const said = mode === 'whole' ? wire.whole(answer, model) : Object.values(wire.stream(answer, model)).flat().join('')
  try {
    const { bytes, end } = mode === 'whole' ? made.call.answer(Buffer.from(said)) : readStream(made.call, [Buffer.from(said)])
    const told = toldIn(dialect, bytes, mode)
    const changed = native && Buffer.from(bytes).toString() !== said.replaceAll(/^:.*\n\n/gm, '')
    return {
      told,
      faults: [
        ...differences(answer, told, wire.tells),
        ...bookedDifferently(end, answer, wire.tells.spent),
        ...(native ? [] : spentDifferently(told.spent, wire.tells.spent)),
        ...(changed ? ['the bytes of the provider were changed'] : []),
      ],
    }
  } catch (thrown) {
    return { told: undefined, faults: [`a good answer is taken for a failure: ${String(thrown)}`] }
  }
}

/** A provider answers what it was asked, not what the client wished. */
function answeredTo(asked: Asked, { second, likely, ...answer }: Answer): Answer {
  return { ...answer, ...(asked.choices === 2 && second !== undefined && { second }), ...(asked.likely && likely && { likely }) }
}

type Next = { readonly refused: GatewayError; readonly fields: Fields } | { readonly refused?: undefined; readonly faults: readonly string[]; readonly changes: readonly Change[] }

/** The client goes on with what it got. */
function askedNext(way: Way, { turn, calls }: Told, wire: Wire): Next | undefined {
  const { next } = way.feature
  const [call] = calls
  if (!next || !call) return undefined
  const fields = next.request(way.dialect, turn, call)
  const made = madeOf(way, fields)
  if (made instanceof GatewayError) return { refused: made, fields }
  const { proof } = wire.tells
  const proven: Need[] = proof === undefined ? [] : [{ what: 'what it thought before', met: ({ proofs }) => proofs.includes(proof) || proofs.join('').includes(proof), field: /reasoning_(?:details|content)$|extra_content$|(?:content|input)\[\d+\]$/ }]
  const kept = proof === undefined || carries(turn, proof)
  return { faults: [...lostSilently(askedBy(made.call), [...next.needs, ...proven], made.changes), ...misnamed(made.changes, fields), ...(kept ? [] : ['the client is not given what the provider wants back'])], changes: made.changes }
}

/** Whether a client has been given a text, in the open or sealed, in one piece or in several. */
function carries(turn: readonly unknown[], text: string): boolean {
  const given = proofsIn(turn)
  return [given.join(''), ...textsIn(turn), ...textsIn(turn).map(sealed => JSON.stringify(unsealed(sealed)) ?? '')].some(one => one.includes(text))
}

const anywhere = (param: string): string => param.replaceAll(/\[\d+\]/g, '[]')

const noteOf = ({ kind, param, to }: Change): string => {
  const field = anywhere(param)
  return to === undefined ? `${kind} ${field}` : `${kind} ${field} to ${to}`
}
