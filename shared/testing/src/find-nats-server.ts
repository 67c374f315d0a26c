import { findServer, installServer, requireServer, type ServerProgram } from './find-server.ts'

/** One line on where a nats-server comes from, for whoever has none. */
export const HOW_TO_GET_NATS_SERVER =
  'get one with "apt-get install nats-server", with "brew install nats-server" or from the releases page of nats-io/nats-server on GitHub, or name its path in NATS_SERVER'

const PROGRAM: ServerProgram = { name: 'nats-server', variable: 'NATS_SERVER', howToGet: HOW_TO_GET_NATS_SERVER }

/** The nats-server of this machine: the one that NATS_SERVER names and no other, else the first on PATH or in the usual folders. */
export const findNatsServer = (): string | undefined => findServer(PROGRAM)

/** The nats-server of this machine, installed first where that is ours to do. */
export const requireNatsServer = (): Promise<string> => requireServer(PROGRAM)

/** Installs the distribution's nats-server with apt-get and says where it is. */
export const installNatsServer = (): Promise<string> => installServer(PROGRAM)
