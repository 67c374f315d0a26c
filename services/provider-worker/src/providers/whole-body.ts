import { type Identity, ProviderError } from '../provider.ts'

/** What a whole body means that is something else than was asked for: it would be paid for again. */
export const unasked = ({ name: provider }: Identity, what: string): ProviderError => new ProviderError('protocol', 'provider_failed', `${provider} gave an answer ${what}`, { provider })
