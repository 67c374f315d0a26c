import type { Identity, Model } from '../../provider.ts'
import { isRecord } from '../usage.ts'
import { answerIn } from './answer.ts'

/** The models in a list of them, of which some servers only tell the ids. */
export function modelsIn(identity: Identity, body: Uint8Array): Model[] {
  const list = answerIn(identity, body)
  const models = new Map<string, Model>()
  for (const entry of Array.isArray(list.data) ? (list.data as unknown[]) : []) {
    if (!isRecord(entry) || typeof entry.id !== 'string' || entry.id === '' || models.has(entry.id)) continue
    const created = typeof entry.created === 'number' && Number.isFinite(entry.created) ? Math.trunc(entry.created) : 0
    models.set(entry.id, { id: entry.id, created, ownedBy: typeof entry.owned_by === 'string' ? entry.owned_by : identity.type })
  }
  return [...models.values()]
}
