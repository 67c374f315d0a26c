// One key opens this gateway: whoever holds it is one tenant.
export const TENANT = 'master'
