import { basename } from 'node:path'
import { defineConfig } from 'vitest/config'

/** One configuration for every workspace; the JSON report is what `.ci/run` counts. */
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'bench/**'],
    passWithNoTests: true,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    maxWorkers: 2,
    reporters: ['default', 'json'],
    outputFile: { json: `${import.meta.dirname}/.results/${basename(process.cwd())}.json` },
  },
})
