/** Where the worker tells the operator what happened: the part of a pino logger that it uses. */
export interface Log {
  info(about: object, message: string): void
  warn(about: object, message: string): void
  error(about: object, message: string): void
}
