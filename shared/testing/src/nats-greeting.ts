import { connect } from 'node:net'

/** Where a nats-server may be listening. */
export interface NatsAddress {
  host?: string
  port: number
  timeoutMs?: number
}

/** The INFO line with which a nats-server introduces itself to whoever connects. */
export function natsGreeting({ host = '127.0.0.1', port, timeoutMs = 2000 }: NatsAddress): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ host, port })
    const timer = setTimeout(() => socket.destroy(new Error(`no greeting within ${timeoutMs} ms`)), timeoutMs)
    socket.on('data', (data) => {
      text += data.toString()
      if (!text.includes('\r\n')) return
      if (text.startsWith('INFO ')) resolve(text.slice(0, text.indexOf('\r\n')))
      socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(timer)
      reject(new Error('the greeting is not that of a nats-server'))
    })
  })
}
