import { describe, expect, test } from 'vitest'
import { providersOf } from './fixtures/providers-of.ts'
import { chosen, configuredInstances, type ConfiguredInstances } from './instances.ts'
import { ROWS } from './providers/rows.ts'

const KEY = 'sk-1'

/** What an environment and the `providers` of a YAML file make together. */
const configured = (environment: Record<string, string>, providers = ''): ConfiguredInstances => configuredInstances(environment, providersOf(providers, environment))

/** The one problem that keeps the only instance out. */
function problemOf(environment: Record<string, string>, providers = ''): string {
  const made = configured(environment, providers)
  const problems = problemsIn(made)
  expect([names(made), problems.length]).toEqual([[], 1])
  return problems[0] ?? ''
}

const problemsIn = ({ problems, leftOut }: ConfiguredInstances): string[] => [...problems, ...leftOut.values()].flat()

const names = ({ instances }: ConfiguredInstances): string[] => instances.map(({ name }) => name)

describe('instances of the environment', () => {
  test('a key makes one at the provider’s own address', () => {
    expect(configured({ OPENAI_API_KEY: KEY, PATH: '/bin' }).instances).toEqual([
      { name: 'openai', type: 'openai', apiKey: KEY, baseUrl: 'https://api.openai.com/v1', models: [], rank: 0 },
    ])
  })

  test('a base URL makes one without a key, and loses the slashes at its end', () => {
    expect(configured({ OPENAI_BASE_URL: 'http://localhost:8000/v1//' }).instances).toEqual([
      { name: 'openai', type: 'openai', apiKey: undefined, baseUrl: 'http://localhost:8000/v1', models: [], rank: 0 },
    ])
  })

  test('a suffix makes a second one, and ranks follow the names', () => {
    const { instances } = configured({
      OPENAI_WEST_API_KEY: KEY,
      OPENAI_EU_NORTH_2_BASE_URL: 'https://eu.example/v1',
      OPENAI_EU_NORTH_2_MODELS: 'a, b,,a',
      GROQ_API_KEY: KEY,
      OPENAI_API_KEY: KEY,
    })
    expect(instances.map(({ name, rank, models }) => [name, rank, models])).toEqual([
      ['openai', 0, []],
      ['openai-eu-north-2', 1, ['a', 'b']],
      ['openai-west', 2, []],
      ['groq', 3, []],
    ])
  })

  test.each(ROWS.map(row => [row.type, row] as const))('of the type %s is made by what it needs', (type, { keyed, baseUrl }) => {
    const prefix = type.toUpperCase()
    const key = { [`${prefix}_API_KEY`]: KEY }
    const address = { [`${prefix}_BASE_URL`]: 'http://server/v1' }
    expect(names(configured({ ...key, ...address }))).toEqual([type])
    expect(names(configured(key))).toEqual(baseUrl === undefined ? [] : [type])
    expect(names(configured(address))).toEqual(keyed && type !== 'openai' ? [] : [type])
  })

  test('of Azure may have an API version, others have none', () => {
    const made = configured({ AZURE_EU_API_KEY: KEY, AZURE_EU_BASE_URL: 'https://x.example', AZURE_EU_API_VERSION: '2024-10-21', OPENAI_API_KEY: KEY, OPENAI_API_VERSION: 'v1' })
    expect(made.instances).toMatchObject([{ name: 'openai' }, { name: 'azure-eu', apiVersion: '2024-10-21' }])
    expect([made.instances[0]?.apiVersion, problemsIn(made)]).toEqual([undefined, []])
  })

  test('of Gemini may have the address that GoModel gives', () => {
    expect(configured({ GEMINI_API_KEY: KEY, GEMINI_BASE_URL: 'https://generativelanguage.googleapis.com/v1beta/openai' }).instances[0]?.baseUrl).toBe('https://generativelanguage.googleapis.com/v1beta')
  })

  test('the field is read from the right, so a suffix may sound like one', () => {
    expect(names(configured({ OPENAI_MODELS_API_KEY: KEY, OPENAI_BASE_API_KEY: KEY }))).toEqual(['openai-base', 'openai-models'])
  })

  test('empty and blank values count as absent, and models alone make nothing', () => {
    const made = configured({ OPENAI_API_KEY: ' ', OPENAI_BASE_URL: '', OPENAI_Y_MODELS: 'a', OPENAI_ORGANIZATION: 'o', OLLAMA_API_KEY: '${NONE}' })
    expect([made.instances, problemsIn(made)]).toEqual([[], []])
  })
})

describe('instances of the file', () => {
  test('have their own names and all that the file says of them', () => {
    const made = configured({}, `
      main: { type: openai, api_key: ${KEY} }
      mine:
        type: openai
        base_url: http://localhost:1234/v1/
        models: [plain, { id: rich, base_model: gpt-4o, timeouts: { first_token: 9s, gap: 3s }, metadata: { context_window: 131072, capabilities: { tools: true } } }]
        timeouts: { first_token: 1m, gap: 500ms }
        resilience: { retry: { max_retries: 7, initial_backoff: 1s }, circuit_breaker: { failure_threshold: 0, timeout: 2m } }
      ollama:
      eu: { type: AZURE, api_key: ${KEY}, base_url: https://eu.example, api_version: 2024-10-21 }`)
    expect(made.instances).toEqual([
      { name: 'main', type: 'openai', apiKey: KEY, baseUrl: 'https://api.openai.com/v1', models: [], rank: 0 },
      {
        name: 'mine',
        type: 'openai',
        apiKey: undefined,
        baseUrl: 'http://localhost:1234/v1',
        models: ['plain', 'rich'],
        modelOptions: new Map([['rich', { baseModel: 'gpt-4o', firstTokenTimeoutMs: 9000, gapTimeoutMs: 3000, metadata: { context_window: 131_072, capabilities: { tools: true } } }]]),
        firstTokenTimeoutMs: 60_000,
        gapTimeoutMs: 500,
        retry: { maxRetries: 7, initialBackoffMs: 1000 },
        breaker: { failureThreshold: 0, timeoutMs: 120_000 },
        rank: 1,
      },
      { name: 'ollama', type: 'ollama', apiKey: undefined, baseUrl: 'http://localhost:11434/v1', models: [], rank: 2 },
      { name: 'eu', type: 'azure', apiKey: KEY, baseUrl: 'https://eu.example', models: [], apiVersion: '2024-10-21', rank: 3 },
    ])
    expect([problemsIn(made), made.notes]).toEqual([[], []])
  })

  test('are overlaid field by field by variables of the same name, with a suffix and without', () => {
    const { instances, notes } = configured({ OPENAI_API_KEY: 'sk-env', OPENAI_EAST_MODELS: 'b' }, `
      openai: { type: openai, api_key: sk-file, base_url: http://file/v1, models: [{ id: a, metadata: { n: 1 } }] }
      openai-east: { type: openai, api_key: sk-east, models: [a] }`)
    expect(instances).toMatchObject([
      { name: 'openai', apiKey: 'sk-env', baseUrl: 'http://file/v1', models: ['a'] },
      { name: 'openai-east', apiKey: 'sk-east', models: ['b'] },
    ])
    expect(notes).toEqual([])
  })

  test('that is the only one of its type is overlaid by variables without a suffix, and what they replace is told', () => {
    const { instances, notes } = configured({ OPENAI_API_KEY: 'sk-env', OPENAI_EAST_API_KEY: 'sk-east', GROQ_API_KEY: 'gsk' }, `
      main: { type: openai, api_key: sk-file }
      fast: { type: groq }`)
    expect(instances.map(({ name, apiKey }) => [name, apiKey])).toEqual([['main', 'sk-env'], ['fast', 'gsk'], ['openai-east', 'sk-east']])
    expect(notes).toEqual([expect.stringContaining('OPENAI_API_KEY replaces providers.main.api_key')])
  })

  test('that are several of a type leave variables without a suffix an instance of its own, and that is told', () => {
    const { instances, notes } = configured({ OPENAI_API_KEY: 'sk-env' }, `
      one: { type: openai, api_key: sk-1 }
      two: { type: openai, api_key: sk-2 }`)
    expect(instances.map(({ name, apiKey }) => [name, apiKey])).toEqual([['one', 'sk-1'], ['two', 'sk-2'], ['openai', 'sk-env']])
    expect(notes).toEqual([expect.stringMatching(/^OPENAI_API_KEY may be meant for providers\.one or providers\.two/)])
  })

  test('may be an OpenAI-compatible server with the name of its maker, whose variables it takes', () => {
    const made = configured({ GROQ_API_KEY: 'gsk' }, '\n  groq: { type: openai, base_url: https://api.groq.com/openai/v1, api_key: "${GROQ_API_KEY}" }')
    expect([made.instances, problemsIn(made)]).toMatchObject([[{ name: 'groq', type: 'openai', apiKey: 'gsk', baseUrl: 'https://api.groq.com/openai/v1' }], []])
  })
})

describe('an instance is left out and named, and the others are served,', () => {
  test('for all that is wrong at once', () => {
    const made = configured({ OPENAI_API_KEY: KEY, OPENAI_BAD_BASE_URL: 'x', OPENAI__API_KEY: KEY, GROQ_API_KEY: 'two words' }, `
      one: { type: opnai, api_key: ${KEY} }
      two: { type: groq, api_key: "\${NOT_SET}" }`)
    expect(made.instances.map(({ name, rank }) => [name, rank])).toEqual([['openai', 2]])
    expect(made.problems).toEqual([expect.stringContaining('OPENAI__API_KEY has a suffix')])
    expect([...made.leftOut]).toEqual([
      ['one', ['providers.one.type is unknown, the nearest is openai']],
      ['two', ['GROQ_API_KEY must be printable ASCII without spaces']],
      ['openai-bad', ['OPENAI_BAD_BASE_URL must be an http or https URL']],
    ])
  })

  test.each(['OPENAI__API_KEY', 'OPENAI__EAST_API_KEY', 'OPENAI_EAST__API_KEY', 'OPENAI_A__B_API_KEY'])('%s for its name', variable => {
    expect(problemOf({ [variable]: KEY })).toContain(variable)
  })

  test.each(['ftp://x', 'localhost:8000', 'not a url', 'http://user:secret@host/v1', 'http://host/v1?key=secret'])('for the base URL %s, which is not repeated', url => {
    for (const problem of [problemOf({ OPENAI_EAST_BASE_URL: url }), problemOf({}, `\n  x: { type: openai, base_url: "${url}" }`)]) {
      expect(problem).toMatch(/^(OPENAI_EAST_BASE_URL|providers\.x\.base_url) must be/)
      expect(problem).not.toContain(url)
    }
  })

  test.each(['sk\nsecret', 'the secret', 'sécret'])('for a key that no header can carry, which is not repeated', key => {
    for (const problem of [problemOf({ OPENAI_API_KEY: key }), problemOf({}, `\n  x: { type: openai, api_key: ${JSON.stringify(key)} }`)]) {
      expect(problem).toMatch(/(OPENAI_API_KEY|providers\.x\.api_key) must be/)
      expect(problem).not.toMatch(/s[eé]cret/)
    }
  })

  test.each<[string, Record<string, string>, string, string]>([
    ['a key of a variable that is not set', {}, 'x: { type: groq, api_key: "${GROQ_KEY}" }', 'providers.x.api_key refers to a variable that is not set'],
    ['the same in the environment', { GROQ_API_KEY: '${GROQ_KEY}' }, '', 'GROQ_API_KEY refers to a variable that is not set'],
    ['no key where one is needed', {}, 'x: { type: groq }', 'providers.x.api_key is missing'],
    ['no key where an address cannot do', { ANTHROPIC_BASE_URL: 'http://x' }, '', 'ANTHROPIC_API_KEY is missing'],
    ['no address where there is none for everybody', { AZURE_API_KEY: KEY }, '', 'AZURE_BASE_URL is missing'],
    ['a type of GoModel that is not served', {}, 'x: { type: fireworks, api_key: k }', 'providers.x.type is not served here'],
    ['no type', {}, 'x: { api_key: k }', 'providers.x.type must be one of openai'],
    ['a name that the bus cannot carry', {}, '"a b": { type: groq, api_key: k }', 'providers.a b must have a name of letters'],
    ['the name of the simulator', {}, 'simulator: { type: groq, api_key: k }', 'the name of the simulated provider'],
    ['one name for two types', { OPENAI_EAST_API_KEY: KEY }, 'openai-east: { type: groq, api_key: k }', 'providers.openai-east is of another type than OPENAI_EAST_API_KEY'],
    ['one name in two spellings', { OPENAI_EAST_API_KEY: KEY, OPENAI_east_API_KEY: KEY }, '', 'OPENAI_EAST_API_KEY and OPENAI_east_API_KEY say the same'],
  ])('for %s', (_, environment, provider, expected) => {
    expect(problemOf(environment, provider === '' ? '' : `\n  ${provider}`)).toContain(expected)
  })

  test('but not where the key may be missing anyway', () => {
    const made = configured({}, '\n  x: { type: vllm, base_url: http://x/v1, api_key: "${NONE}" }')
    expect([made.instances, problemsIn(made)]).toMatchObject([[{ name: 'x', apiKey: undefined }], []])
  })
})

describe('the instances of one process', () => {
  const { instances } = configuredInstances({ OPENAI_API_KEY: KEY, OPENAI_EAST_API_KEY: KEY, OPENAI_WEST_API_KEY: KEY }, new Map())
  const namesOf = (only: string[], except: string[]): string[] => chosen(instances, { only, except }, new Set(['broken'])).map(({ name }) => name)

  test('are all, those named, or those not excepted', () => {
    expect(namesOf([], [])).toEqual(['openai', 'openai-east', 'openai-west'])
    expect(namesOf(['openai-west', 'openai'], [])).toEqual(['openai', 'openai-west'])
    expect(namesOf([], ['openai', 'elsewhere'])).toEqual(['openai-east', 'openai-west'])
  })

  test('keep the rank that they have among all', () => {
    expect(chosen(instances, { only: ['openai-west'], except: [] })[0]?.rank).toBe(2)
  })

  test('a name that is not configured is refused with those that are, one that is left out is not', () => {
    expect(() => namesOf(['openai-norht'], [])).toThrow('openai-norht, but configured are openai, openai-east, openai-west')
    expect(namesOf(['broken'], [])).toEqual([])
  })
})
