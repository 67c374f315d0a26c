import type { FallbackMode, ModelsConfig } from './gateway-config.ts'
import { flag, oneOf, optionalText, text } from './settings.ts'

export const FALLBACK_MODES: readonly FallbackMode[] = ['manual', 'auto', 'off']

const MODELS_MODES: readonly ModelsConfig['configuredProviderModelsMode'][] = ['fallback', 'allowlist']

/** What several services read, or what is part of the gateway's configuration and may be said by a variable too. */
export const gatewaySettings = {
  fallbackMode: oneOf('FEATURE_FALLBACK_MODE', FALLBACK_MODES, {
    yaml: 'fallback.default_mode',
    also: { yaml: 'fallback.mode' },
    description: 'What happens when the target of a request fails. `manual`: the models that the rules name are tried. `auto`: similar models too. `off`: none.',
    fallback: 'manual',
  }),
  fallbackRulesPath: optionalText('FALLBACK_MANUAL_RULES_PATH', {
    yaml: 'fallback.manual_rules_path',
    description: 'A JSON file of rules: an object from model name to the list of models to try instead. Read again when it changes.',
  }),
  semanticCacheEnabled: flag('SEMANTIC_CACHE_ENABLED', {
    yaml: 'cache.response.semantic.enabled',
    description: 'Answer a question from the answer to one that means the same. Takes an embedder.',
    fallback: 'false',
  }),
  dataDir: text('DATA_DIR', { yaml: 'server.data_dir', description: 'The folder of everything that is written to disk: `responses` and `semantic-cache` below it.', fallback: 'data' }),
  modelsMode: oneOf('CONFIGURED_PROVIDER_MODELS_MODE', MODELS_MODES, {
    yaml: 'models.configured_provider_models_mode',
    description: '`fallback`: configured models (`…_MODELS`) stand in while the provider lists none. `allowlist`: only they count, and the provider is not asked.',
    fallback: 'fallback',
  }),
}
