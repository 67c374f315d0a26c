// Adds up vitest's JSON reports. A workspace that left no report, or a step that failed without a failing test, counts as a failure.
const { existsSync, readdirSync, readFileSync } = require('node:fs')

const stepsFailed = Number(process.argv[2])
const workspaces = ['shared', 'services'].flatMap(folder => readdirSync(folder)).concat('infra', 'test')
let passed = 0
let failed = 0
let skipped = 0
for (const workspace of workspaces) {
  const path = `.results/${workspace}.json`
  if (!existsSync(path)) {
    console.log(`no test report of ${workspace}`)
    failed++
    continue
  }
  const report = JSON.parse(readFileSync(path, 'utf8'))
  passed += report.numPassedTests
  failed += report.numFailedTests + (report.numFailedTests === 0 && !report.success ? 1 : 0)
  skipped += report.numPendingTests + report.numTodoTests
}
if (stepsFailed > 0 && failed === 0) failed = 1
if (skipped > 0) console.log(`${skipped} skipped: not proven on this machine`)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
