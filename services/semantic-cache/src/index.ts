export { semanticCache } from './semantic-cache.ts'
export { settings } from './settings.ts'
