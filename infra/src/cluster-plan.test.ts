import { expect, test } from 'vitest'
import { gatewayPort, planProcesses, readArguments, readyLine } from './cluster-plan.ts'

const SERVICES = ['ingress', 'ledger', 'provider-worker', 'standalone']

test('pools and the port are read in both spellings', () => {
  expect(readArguments([])).toEqual({ pools: [] })
  expect(readArguments(['--workers', 'openai=3', '--port=9000', '--workers=openai-east=2'])).toEqual({
    port: 9000,
    pools: [
      { instance: 'openai', count: 3 },
      { instance: 'openai-east', count: 2 },
    ],
  })
})

test.each([
  [['--wokers', 'openai=3'], '--wokers is not known'],
  [['openai=3'], 'openai is not known'],
  [['--workers'], '--workers must be <instance>=<count>'],
  [['--workers', 'openai'], '--workers must be <instance>=<count>, as in --workers openai=3; it is "openai"'],
  [['--workers', 'OpenAI=3'], '--workers must be'],
  [['--workers', 'openai=three'], '--workers must be'],
  [['--workers', 'openai=0'], '--workers openai must have a count from 1 to 64'],
  [['--workers', 'openai=65'], '--workers openai must have a count from 1 to 64'],
  [['--workers', 'openai=1', '--workers', 'openai=2'], '--workers names openai twice'],
  [['--port', '0'], '--port must be a number from 1 to 65535; it is "0"'],
  [['--port', '70000'], '--port must be'],
  [['--port', '80a'], '--port must be'],
  [['--port'], '--port must be'],
])('%j is refused', (args, message) => {
  expect(() => readArguments(args)).toThrow(message)
})

test('the flag wins over the setting, and the setting over the default', () => {
  expect(gatewayPort({ pools: [], port: 1 }, '2')).toBe(1)
  expect(gatewayPort({ pools: [] }, '2')).toBe(2)
  expect(gatewayPort({ pools: [] }, undefined)).toBe(8080)
  expect(() => gatewayPort({ pools: [] }, 'http')).toThrow('PORT must be a number')
})

test('without pools one worker serves what the environment says', () => {
  expect(planProcesses(SERVICES, [], 8080)).toEqual([
    { name: 'ingress', service: 'ingress', kind: 'ingress', env: { PORT: '8080' } },
    { name: 'ledger', service: 'ledger', kind: 'ledger', env: {} },
    { name: 'worker', service: 'provider-worker', kind: 'all', env: {} },
  ])
})

test('a pool has its processes, and the last worker serves all other instances', () => {
  const pools = [
    { instance: 'openai', count: 2 },
    { instance: 'openai-east', count: 1 },
  ]
  const workers = planProcesses(SERVICES, pools, 8080).slice(2)
  expect(workers.map(({ name, env }) => [name, env])).toEqual([
    ['worker-openai-1', { PROVIDER_INSTANCES: 'openai' }],
    ['worker-openai-2', { PROVIDER_INSTANCES: 'openai' }],
    ['worker-openai-east-1', { PROVIDER_INSTANCES: 'openai-east' }],
    ['worker', { PROVIDER_INSTANCES_EXCEPT: 'openai,openai-east' }],
  ])
})

test('the last line counts what runs', () => {
  const plan = planProcesses(SERVICES, [{ instance: 'openai', count: 3 }], 9000)
  const url = 'nats://127.0.0.1:4222'
  expect(readyLine(plan, 9000, url)).toBe(`ready: http://localhost:9000 (nats ${url}, ingress 1, ledger 1, workers openai=3 others=1)`)
  expect(readyLine(plan.slice(0, 4), 9000, url)).toContain('workers openai=2)')
  expect(readyLine(plan.slice(0, 2), 9000, url)).toContain('workers none)')
})
