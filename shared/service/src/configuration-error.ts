/** Every setting that is missing or wrong, all at once; values are never shown. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`bad configuration: ${problems.join('; ')}`)
    this.problems = problems
  }
}

/** Carries a step out and takes note of what is wrong with the configuration, so that the next step is tried too; undefined where something was. */
export function noting<T>(problems: Set<string>, step: () => T): T | undefined {
  try {
    return step()
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError)) throw thrown
    for (const problem of thrown.problems) problems.add(problem)
    return undefined
  }
}
