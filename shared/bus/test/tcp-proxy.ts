import { connect, createServer, type Socket } from 'node:net'
import { freePort } from '@gomodel/testing'
import { onTestFinished } from 'vitest'

/** Something between a client and its server that can break. */
export interface TcpProxy {
  readonly url: string
  /** Breaks every connection; new ones are taken at once. */
  cut(): void
  /** Breaks every connection and takes no new one until `back`. */
  leave(): void
  back(): void
  /** From now on nothing passes, and nobody is told. */
  freeze(): void
}

export async function tcpProxy(port: number): Promise<TcpProxy> {
  const own = await freePort()
  const sockets = new Set<Socket>()
  let away = false
  const listener = createServer(client => {
    if (away) return void client.destroy()
    const upstream = connect(port, '127.0.0.1')
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(from)
      from.on('data', data => to.write(data))
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  await new Promise<void>(resolve => listener.listen(own, '127.0.0.1', resolve))
  onTestFinished(() => {
    cut()
    listener.close()
  })
  return {
    url: `nats://127.0.0.1:${own}`,
    cut,
    leave() {
      away = true
      cut()
    },
    back() {
      away = false
    },
    freeze() {
      for (const socket of sockets) socket.removeAllListeners('data').on('data', () => {})
    },
  }
}
