import { isTree } from './config-file.ts'
import { given, type Environment } from './environment.ts'
import { OTHER_TYPES, TYPES, WITHOUT_EFFECT } from './gomodel-names.ts'
import type { ConfigTree } from './parse-config.ts'

/** What is set and has no effect here, the names of one reason together: variables, and places in the file. */
export function withoutEffect(environment: Environment, content: ConfigTree): string[] {
  const variables = Object.keys(environment).filter(name => given(environment[name]) !== undefined)
  const byReason = new Map<string, string[]>()
  for (const { env, yaml, reason } of WITHOUT_EFFECT) {
    const said = env === undefined ? [] : variables.filter(matching(env)).toSorted()
    const written = yaml === undefined ? [] : placesIn(content, yaml.split('.'))
    byReason.set(reason, [...(byReason.get(reason) ?? []), ...said, ...written])
  }
  return [...byReason].filter(([, names]) => names.length > 0).map(([reason, names]) => `${names.join(', ')}: ${reason}`)
}

function matching(pattern: string): (name: string) => boolean {
  const expression = pattern.replace('<TYPE>', `(${TYPES.join('|')})`).replace('<OTHER>', `(${OTHER_TYPES.join('|')})`).replaceAll('*', '\\w*').replaceAll('#', '\\d+')
  const whole = new RegExp(`^${expression}$`)
  return name => whole.test(name)
}

/** The places of a tree that a pattern means, as far as something stands there. */
function placesIn(value: unknown, [key, ...below]: readonly string[]): string[] {
  if (key === undefined) return value === null || value === undefined ? [] : ['']
  if (!isTree(value)) return []
  const keys = key === '*' ? Object.keys(value) : Object.hasOwn(value, key) ? [key] : []
  return keys.flatMap(found => placesIn(value[found], below).map(place => (place === '' ? found : `${found}.${place}`)))
}
