import { exactCache } from '@gomodel/exact-cache'
import { ingress } from '@gomodel/ingress'
import { providerWorker } from '@gomodel/provider-worker'
import { responseStore } from '@gomodel/response-store'
import { semanticCache } from '@gomodel/semantic-cache'
import { processSettings, type Setting, type Settings } from '@gomodel/service'

/** Settings that belong together. */
export interface SettingGroup {
  readonly title: string
  readonly settings: readonly Setting<unknown>[]
}

const shared = new Set<Setting<unknown>>(Object.values(processSettings))

/** Without what stands in the list of every process. */
const own = (settings: Settings): Setting<unknown>[] => Object.values(settings).filter(setting => !shared.has(setting))

/** Every setting of the gateway, by who reads it. */
export const SETTING_GROUPS: readonly SettingGroup[] = [
  { title: 'Every process', settings: [...shared] },
  { title: 'Ingress', settings: own(ingress.settings) },
  { title: 'Exact cache', settings: own(exactCache.settings) },
  { title: 'Semantic cache', settings: own(semanticCache.settings) },
  { title: 'Response store', settings: own(responseStore.settings) },
  { title: 'Provider worker', settings: own(providerWorker.settings) },
]
