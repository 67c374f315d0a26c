import { expect, test } from 'vitest'
import { WITHOUT_EFFECT } from './gomodel-names.ts'
import { withoutEffect } from './without-effect.ts'

test('only what is set is told, each with its reason', () => {
  const environment = { BASE_PATH: '/g', LOG_FORMAT: '', STORAGE_TYPE: '${NONE}', HOME: '/root', OPENAI_API_KEY: 'sk-secret', PORT: '1', GUARDRAILS_ENABLED: 'true' }
  const content = { guardrails: { enabled: true, rules: [] }, admin: null, storage: { type: null }, server: { port: 1, swagger_enabled: false } }
  expect(withoutEffect(environment, content)).toEqual([
    'BASE_PATH: the gateway is served at the root of its port',
    'server.swagger_enabled: the API is described at /docs, always',
    'GUARDRAILS_ENABLED, guardrails.enabled, guardrails.rules: there are no guardrails yet',
  ])
})

test('names with parts of the operator’s own are recognised, and told without their values', () => {
  const environment = {
    SET_BUDGET_TEAM__A: 'daily=1',
    OPENAI_API_KEY_2: 'sk-secret',
    OPENAI_EAST_API_KEY_12: 'sk-secret',
    OPENAI_EAST_PROXY_URL: 'http://user:secret@x',
    FIREWORKS_API_KEY: 'fw-secret',
    FIREWORKS_EU_BASE_URL: 'http://x',
    TAGGING_HEADER_1: 'X',
    // Not GoModel's.
    OPENAI_API_KEY_FILE: 'x',
    FIREWORKS_LICENSE: 'x',
    MY_PROXY_URL: 'x',
    SESSION_MANAGER: 'x',
  }
  const told = withoutEffect(environment, { providers: { mine: { api_keys: ['sk-secret'], resilience: { retry: { jitter_factor: 1 } } }, other: { type: 'openai' } } })
  expect(told.flatMap(line => line.split(': ')[0]?.split(', ') ?? []).toSorted()).toEqual([
    'FIREWORKS_API_KEY', 'FIREWORKS_EU_BASE_URL', 'OPENAI_API_KEY_2', 'OPENAI_EAST_API_KEY_12', 'OPENAI_EAST_PROXY_URL', 'SET_BUDGET_TEAM__A', 'TAGGING_HEADER_1',
    'providers.mine.api_keys', 'providers.mine.resilience.retry.jitter_factor',
  ])
  expect(told.join()).not.toContain('secret')
})

test('no name is listed twice, and every one has a reason', () => {
  const variables = WITHOUT_EFFECT.flatMap(({ env }) => env ?? [])
  const places = WITHOUT_EFFECT.flatMap(({ yaml }) => yaml ?? [])
  expect(variables.length).toBeGreaterThan(100)
  expect([new Set(variables).size, new Set(places).size]).toEqual([variables.length, places.length])
  for (const { reason } of WITHOUT_EFFECT) expect(reason).toMatch(/^[^\n]{10,120}$/)
})
