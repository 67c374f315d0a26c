import { isIP } from 'node:net'
import { Redis, ReplyError } from 'ioredis'
import type { RedisAddress } from './redis-address.ts'
import { NO_ANSWER, redisReason, type RedisReason } from './redis-reason.ts'

type Command<T> = (redis: Redis) => Promise<T>

/** Where the operator is told what happened: the part of a pino logger that is used here. */
export interface Log {
  info(about: object, message: string): void
  warn(about: object, message: string): void
}

const FIRST_BACKOFF_MS = 50
const LAST_BACKOFF_MS = 1000
const CONNECT_TIMEOUT_MS = 2000
// A connection on which something is awaited and nothing comes is given up for a new one.
const SILENCE_MS = 1000
const HANG_UP_MS = 100
const LATE_IN_A_ROW = 3
const PAUSE_MS = 1000
const PING_DEADLINE_MS = 40
const CLOSED: RedisReason = { text: 'the connection was closed', refusal: false }

/** A connection to one Redis that comes back by itself and keeps nobody waiting; the log is told when it goes and when it is back, not more often. */
export class RedisConnection {
  readonly #redis: Redis
  readonly #log: Log
  readonly #meanwhile: string
  readonly #shown: string
  readonly #told = new Set<string>()
  /** Undefined until it is known for the first time. */
  #there: boolean | undefined
  #reason: RedisReason | undefined
  #attempts = 0
  #late = 0
  #pausing: NodeJS.Timeout | undefined
  #closing = false
  /** Told when what this turn has to ask has left. */
  #leaving: (() => void)[] = []

  /** `meanwhile` completes the sentence that tells the operator that Redis is away. */
  constructor(address: RedisAddress, log: Log, meanwhile: string) {
    this.#log = log
    this.#meanwhile = meanwhile
    this.#shown = `${address.host}:${address.port}`
    this.#redis = new Redis({
      ...optionsOf(address),
      retryStrategy: () => Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#attempts++),
    })
    this.#redis.on('error', (error: Error & { command?: { name: string } }) => {
      this.#reason ??= redisReason(error)
      // The client would go on in database 0.
      if (error.command?.name === 'select') this.#redis.disconnect(true)
    })
    this.#redis.on('close', () => {
      this.#unpause()
      this.#away(this.#reason ?? CLOSED)
      this.#reason = undefined
    })
    this.#redis.on('ready', () => this.#back())
  }

  /** Runs one command. Undefined when Redis is away, refuses, or takes longer than the deadline; null for a value of another kind, as if there were none. */
  run<T>(deadlineMs: number, command: Command<T>): Promise<T | null | undefined> {
    if (this.#pausing !== undefined || this.#redis.status !== 'ready') return Promise.resolve(undefined)
    return this.#within(deadlineMs, command)
  }

  /** Waits for the answers to what was sent, then leaves. */
  async close(): Promise<void> {
    this.#closing = true
    if (this.#redis.status === 'ready') await this.#within(SILENCE_MS, redis => redis.quit())
    this.#unpause()
    if (this.#redis.status !== 'end') this.#redis.disconnect()
  }

  #within<T>(deadlineMs: number, command: Command<T>): Promise<T | null | undefined> {
    return new Promise(resolve => {
      let open = true
      let timer: NodeJS.Timeout | undefined
      const settle = (value: T | null | undefined): void => {
        open = false
        clearTimeout(timer)
        resolve(value)
      }
      const late = (): void => {
        if (!open) return
        settle(undefined)
        this.#tooLate()
      }
      const answered = (value: T): void => {
        if (open) this.#late = 0
        settle(value)
      }
      // When this process itself was late, the answer waits in the socket: it is read before the deadline counts.
      this.#gather(() => {
        if (open) timer = setTimeout(() => setImmediate(late), deadlineMs)
      })
      command(this.#redis).then(answered, (thrown: unknown) => settle(this.#refused(thrown)))
    })
  }

  /** Commands of one turn of the event loop leave in one write: to wake Redis costs both sides more than a command does. */
  #gather(left: () => void): void {
    if (this.#leaving.push(left) > 1) return
    const { stream } = this.#redis
    stream?.cork()
    setImmediate(() => {
      const leaving = this.#leaving
      this.#leaving = []
      stream?.uncork()
      for (const tell of leaving) tell()
    })
  }

  /** What breaks a connection is told by its end; here only a Redis that is there and says no. */
  #refused(thrown: unknown): null | undefined {
    if (!(thrown instanceof ReplyError)) return undefined
    if (String(thrown).includes('WRONGTYPE')) return null
    const { text } = redisReason(thrown)
    if (!this.#told.has(text)) this.#log.warn({ redis: this.#shown, reason: text }, 'Redis (REDIS_URL) refuses a command')
    this.#told.add(text)
    return undefined
  }

  /** A Redis that is frozen or slow is not asked for a while: each question would cost its deadline. */
  #tooLate(): void {
    if (++this.#late < LATE_IN_A_ROW || this.#pausing !== undefined) return
    this.#away(NO_ANSWER)
    this.#pause()
  }

  #pause(): void {
    this.#pausing = setTimeout(() => {
      void this.#within(PING_DEADLINE_MS, redis => redis.ping()).then(answer => {
        if (this.#pausing === undefined || this.#closing) return
        if (answer === 'PONG') this.#back()
        else this.#pause()
      })
    }, PAUSE_MS)
  }

  #unpause(): void {
    clearTimeout(this.#pausing)
    this.#pausing = undefined
    this.#late = 0
  }

  #away(reason: RedisReason): void {
    const known = this.#there === false && (!reason.refusal || this.#told.has(reason.text))
    this.#there = false
    if (known || this.#closing) return
    this.#told.add(reason.text)
    this.#log.warn({ redis: this.#shown, reason: reason.text }, `Redis (REDIS_URL) is away: ${this.#meanwhile}`)
  }

  #back(): void {
    this.#unpause()
    this.#attempts = 0
    this.#reason = undefined
    this.#told.clear()
    if (this.#there !== true) this.#log.info({ redis: this.#shown }, 'Redis is there')
    this.#there = true
  }
}

/** Nothing waits for a Redis that is away, and nothing is sent twice. */
const optionsOf = ({ host, port, database, username, password, tls }: RedisAddress) => ({
  host,
  port,
  db: database,
  ...(username !== undefined && { username }),
  ...(password !== undefined && { password }),
  ...(tls && { tls: isIP(host) ? {} : { servername: host } }),
  protocol: 2 as const,
  disableClientInfo: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: CONNECT_TIMEOUT_MS,
  socketTimeout: SILENCE_MS,
  disconnectTimeout: HANG_UP_MS,
})
