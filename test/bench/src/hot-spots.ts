import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { REPOSITORY } from '@gomodel/testing'
import { shown, table } from './table.ts'

interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
}

const TOP = 25
const START_US = 4_000_000
const IDLE = new Set(['(idle)', '(program)', '(root)'])

/** The functions in which the processes of a profiled run spent most of their own time; starting and idling are left out. */
export function hotSpots(folder: string): string {
  const profiles = readdirSync(folder).filter(file => file.endsWith('.cpuprofile'))
  return profiles.map(file => `## ${file}\n\n${selfTimes(JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile)}`).join('\n\n')
}

function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): string {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const self = new Map<string, number>()
  let total = 0
  let at = 0
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id)
    const us = timeDeltas[index] ?? 0
    at += us
    if (at < START_US || !frame || IDLE.has(frame.functionName)) continue
    const place = `${frame.functionName || '(anonymous)'} ${placeOf(frame.url, frame.lineNumber)}`
    self.set(place, (self.get(place) ?? 0) + us)
    total += us
  }
  const top = [...self].toSorted(([, a], [, b]) => b - a).slice(0, TOP)
  return table(['function', 'of busy time'], top.map(([place, us]) => [place, `${shown((us / total) * 100, 1)} %`]))
}

function placeOf(url: string, line: number): string {
  if (!url.startsWith('file://')) return url === '' ? '' : `${url}:${line + 1}`
  return `${fileURLToPath(url).replace(`${REPOSITORY}/`, '').replace(/^.*node_modules\//, '')}:${line + 1}`
}
