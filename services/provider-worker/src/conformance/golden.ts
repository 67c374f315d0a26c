import { GatewayError } from '@gomodel/contracts'
import type { ProviderCall } from '../provider.ts'
import { wireOf } from './asked/asked.ts'
import { ask, readStream } from './exchange.ts'
import type { DialectName, Feature, Mode } from './shapes.ts'
import type { Subject } from './subjects.ts'
import { wireFor } from './wires/index.ts'

/** The exact bytes of one exchange as a text to be read: what is sent to the provider, and what the client gets, whole and as a stream. */
export function goldenOf(subject: Subject, dialect: DialectName, feature: Feature): string {
  return (['whole', 'stream'] as const).map(mode => section(subject, { dialect, feature, mode })).join('\n')
}

function section(subject: Subject, { dialect, feature, mode }: { dialect: DialectName; feature: Feature; mode: Mode }): string {
  const model = subject.models[feature.thinks ? 'thinking' : 'plain']
  const { call, changes } = ask(subject, { dialect, mode, model, fields: feature.requests[dialect] ?? {} })
  const headers = (call.headers ?? []).flatMap((name, at, all) => (at % 2 === 0 ? [`${name}: ${all[at + 1]}\n`] : []))
  const asked = `POST ${call.path}\n${headers.join('')}\n${readable(call.body)}\n`
  const noted = changes.map(({ kind, param, to }) => `  ${kind} ${param}${to === undefined ? '' : ` to ${to}`}\n`).join('')
  return `===== ${mode}: to the provider =====\n${asked}\n===== ${mode}: changes =====\n${noted || '  none\n'}\n===== ${mode}: to the client =====\n${answered(subject, { feature, mode, model, call })}`
}

function answered({ type }: Subject, { feature, mode, model, call }: { feature: Feature; mode: Mode; model: string; call: ProviderCall }): string {
  const wire = wireFor(type, wireOf(call.path))
  const { begins, ends } = wire.stream(feature.answer, model)
  if (mode === 'whole') {
    const whole = wire.whole(feature.answer, model)
    const said = { inside: wire.errorBody, cut: whole.slice(0, whole.length / 2), before: whole, none: whole }[feature.fails ?? 'none']
    return failing(() => `${readable(call.answer(Buffer.from(said)).bytes)}\n`)
  }
  const said = { inside: [...begins, wire.errorEvent], cut: begins, before: [...begins, ...ends], none: [...begins, ...ends] }[feature.fails ?? 'none']
  let told = ''
  const end = failing(() => {
    readStream(call, [Buffer.from(said.join(''))], bytes => (told += Buffer.from(bytes).toString()))
    return ''
  })
  return told + end
}

function failing(read: () => string): string {
  try {
    return read()
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown
    return `!! ${thrown.code}: ${thrown.message}\n`
  }
}

/** JSON with its lines broken; throws where that would show other bytes than there are. */
function readable(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString()
  const value: unknown = JSON.parse(text)
  if (JSON.stringify(value) !== text) throw new Error(`is not written as JavaScript writes it: ${text.slice(0, 200)}`)
  return JSON.stringify(value, undefined, 2)
}
