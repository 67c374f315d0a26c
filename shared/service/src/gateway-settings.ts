import type { FallbackMode, ModelsConfig } from './gateway-config.ts'
import { oneOf, optionalText } from './settings.ts'

export const FALLBACK_MODES: readonly FallbackMode[] = ['manual', 'auto', 'off']

const MODELS_MODES: readonly ModelsConfig['configuredProviderModelsMode'][] = ['fallback', 'allowlist']

/** What is part of the gateway's configuration and may be said by a variable too. */
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
  modelsMode: oneOf('CONFIGURED_PROVIDER_MODELS_MODE', MODELS_MODES, {
    yaml: 'models.configured_provider_models_mode',
    description: '`fallback`: configured models (`…_MODELS`) stand in while the provider lists none. `allowlist`: only they count, and the provider is not asked.',
    fallback: 'fallback',
  }),
}
