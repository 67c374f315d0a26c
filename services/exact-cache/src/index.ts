export { exactCache } from './exact-cache.ts'
export { settings } from './settings.ts'
