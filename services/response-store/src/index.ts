export { responseStore } from './response-store.ts'
export { settings } from './settings.ts'
