import { hash } from 'node:crypto'

/** The name under which a response is kept: nobody finds by an id what belongs to another tenant, and no id leads out of a folder. */
export const storeKey = (tenant: string, id: string): string => hash('sha256', `${tenant}\n${id}`, 'hex')
