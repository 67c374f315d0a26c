import { describe, expect, test } from 'vitest'
import { ConfigurationError } from './configuration-error.ts'
import { parseConfig } from './parse-config.ts'

const parsed = (text: string, environment: Record<string, string> = {}) => parseConfig(text, 'config.yaml', environment)

function problemOf(text: string, environment: Record<string, string> = {}): string {
  try {
    return `no problem: ${JSON.stringify(parsed(text, environment))}`
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ConfigurationError)
    return (thrown as ConfigurationError).message
  }
}

describe('references to variables', () => {
  test('are replaced in values and in keys, with a default where nothing is set, and stay where there is none', () => {
    const text = 'a: ${A}\nb: "x ${A} ${B:-y}"\nc: ${EMPTY:-d}\nd: ${NONE}\n${A}: 1\ne: |\n  ${A}\n'
    expect(parsed(text, { A: 'one', EMPTY: '' })).toEqual({ a: 'one', b: 'x one y', c: 'd', d: '${NONE}', one: 1, e: 'one\n' })
  })

  test.each(['x: y\nz: [', '# no comment', '"quoted', '*star', '- a\n- b', '{ a: b }', 'a: b # c', "it's", '\ttab', '!!int 5'])('cannot change what the file means by the value %j', value => {
    expect(parsed('a: ${V}\nb: "${V}"\nc: [${V}, "${V}"]\nd: { e: ${V} }', { V: value })).toEqual({ a: value, b: value, c: [value, value], d: { e: value } })
  })

  test('may stand where YAML would take their braces for a map, and have any default', () => {
    expect(parsed('a: [${X:-http://h:1/#x}, ${Y}]\nb: { c: ${X:-p: q} }', { Y: 'y' })).toEqual({ a: ['http://h:1/#x', 'y'], b: { c: 'p: q' } })
  })

  test('written plainly count as what they expand to, quoted ones as text', () => {
    const environment = { T: 'true', N: '8080', F: '0.5', E: 'null', L: '0123' }
    expect(parsed('t: ${T}\nn: ${N}\nf: ${F}\ne: ${E}\nl: ${L}\nq: "${N}"\ns: \'${T}\'', environment)).toEqual({ t: true, n: 8080, f: 0.5, e: null, l: '0123', q: '8080', s: 'true' })
  })
})

describe('what is written plainly', () => {
  test('is a number only where no digit gets lost', () => {
    const text = 'a: 0123\nb: 1e5\nc: 0x1f\nd: 12345678901234567890\ne: -7\nf: 1.25\ng: 1_000\nh: .5\ni: +1'
    expect(parsed(text)).toEqual({ a: '0123', b: '1e5', c: '0x1f', d: '12345678901234567890', e: -7, f: 1.25, g: '1_000', h: '.5', i: '+1' })
  })

  test('may be empty, a date, or a word that older YAML takes for true', () => {
    expect(parsed('a:\nb: ~\nc: 2024-10-21\nd: yes\ne: !!str 5\nf: !!str ${A}', { A: '6' })).toEqual({ a: null, b: null, c: '2024-10-21', d: 'yes', e: '5', f: '6' })
  })
})

test('anchors, merged maps and comments are understood; an empty file is none', () => {
  expect(parsed('# x\nbase: &b { retry: 1 }\nmine:\n  <<: *b\n  key: ${K} # y', { K: 'k' })).toEqual({ base: { retry: 1 }, mine: { retry: 1, key: 'k' } })
  expect(parsed('# nothing')).toEqual({})
})

test('what was read cannot be changed', () => {
  const { a } = parsed('a: { b: [1] }') as { a: { b: number[] } }
  expect(() => a.b.push(2)).toThrow(TypeError)
})

describe('what is no YAML is told by its line, and without what stands there:', () => {
  test.each([
    ['server:\n  port: "8080', 'line 2'],
    ['a: 1\na: 2', 'line 2, column 1 (Map keys must be unique)'],
    ['a:\n\tb: 1', 'line 2'],
    ['master_key: @sk-secret', 'line 1'],
    ['master_key: "\\qsk-secret"', 'line 1'],
    ['master_key: *sk-secret', '*name that no &name'],
    ['a: 1\n---\nb: 2', 'MULTIPLE_DOCS'],
    ['- sk-secret', 'must hold sections'],
    ['sk-secret', 'must hold sections'],
    [`a: &a [x]\nb: &b [${'*a,'.repeat(60)}]\nc: [${'*b,'.repeat(60)}]`, 'too many'],
  ])('%j', (text, expected) => {
    const problem = problemOf(text)
    expect(problem).toContain('config.yaml')
    expect(problem).toContain(expected)
    expect(problem).not.toContain('secret')
  })
})
