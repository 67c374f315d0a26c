import { existsSync } from 'node:fs'
import { effectiveConfiguration } from './effective-configuration.ts'

if (existsSync('.env')) process.loadEnvFile('.env')
const { text, problems } = effectiveConfiguration(process.env)
console.log(text)
process.exitCode = problems.length > 0 ? 1 : 0
