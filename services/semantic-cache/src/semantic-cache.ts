import { defineService } from '@gomodel/service'
import { settings } from './settings.ts'

const IDLE = { stop: () => Promise.resolve() }

/** Keeps answers by the meaning of their questions, and gives them to whoever asks the same in other words. */
export const semanticCache = defineService({
  name: 'semantic-cache',
  settings,
  async start(context) {
    if (!context.settings.enabled) return IDLE
    // Guards and clients of stores are loaded where they are wanted only: 7 of 130 MB of a gateway that has none.
    const { runCache } = await import('./run-cache.ts')
    return runCache(context)
  },
})
