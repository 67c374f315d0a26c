import { HOW_TO_GET_NATS_SERVER, findNatsServer, natsGreeting, startNats } from '@gomodel/testing'

/** The bus that the services share: somebody's server, or one of our own. */
export interface ClusterNats {
  url: string
  /** The address without the credentials that it may carry. */
  shown: string
  stop(): Promise<void>
}

const DEFAULT_PORT = 4222

/** Uses the server at an address if there is one, else starts one on a free loopback port. */
export async function openNats(url: string | undefined, onExit: (how: string) => void): Promise<ClusterNats> {
  if (url) return useNats(url)
  if (!findNatsServer()) throw new Error(`no nats-server was found: ${HOW_TO_GET_NATS_SERVER}; or set NATS_URL to a server that runs`)
  const server = await startNats({ onExit })
  return { url: server.url, shown: server.url, stop: () => server.stop() }
}

async function useNats(url: string): Promise<ClusterNats> {
  const servers = url.split(',').map(addressOf)
  const shown = servers.map((server) => server.shown).join(',')
  const answers = servers.map(({ host, port }) => natsGreeting({ host, port }))
  await Promise.any(answers).catch(({ errors }: AggregateError) => {
    throw new Error(`no nats-server answers at NATS_URL ${shown}: ${reasons(errors)}`)
  })
  return { url, shown, stop: () => Promise.resolve() }
}

function addressOf(text: string): { host: string; port: number; shown: string } {
  const trimmed = text.trim()
  const full = trimmed.includes('://') ? trimmed : `nats://${trimmed}`
  if (!URL.canParse(full)) throw new Error('NATS_URL must be an address like nats://127.0.0.1:4222, or several with commas')
  const { protocol, hostname, port } = new URL(full)
  const number = port ? Number(port) : DEFAULT_PORT
  return { host: hostname.replace(/^\[|\]$/g, ''), port: number, shown: `${protocol}//${hostname}:${number}` }
}

const reasons = (errors: readonly unknown[]): string => errors.map((error) => (error instanceof Error ? error.message : String(error))).join('; ')
