import { pino, type Logger } from 'pino'

export type { Logger } from 'pino'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

const MAX_UNWRITTEN = 1024 * 1024

/** Fields that may hold a secret wherever they stand. */
const SECRET = ['authorization', 'apiKey', 'api_key', 'key', 'password', 'token', 'headers.authorization', '*.authorization', '*.apiKey', '*.headers.authorization']

/** One JSON line an event on stdout. */
export const openLog = (service: string, level: (typeof LOG_LEVELS)[number]): Logger =>
  pino(
    { level, base: { service }, redact: { paths: SECRET, censor: '[redacted]' }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: label => ({ level: label }) } },
    stdout(),
  )

/** A reader that is gone must not keep a service from ending: with a pipe broken, pino's own destination tries again for ever at exit. */
function stdout(): ReturnType<typeof pino.destination> {
  const destination = pino.destination({ fd: 1, sync: true, maxLength: MAX_UNWRITTEN })
  destination.on('error', () => {})
  return destination
}
