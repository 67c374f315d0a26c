import type { ConnectionOptions } from 'nats'

/** Options for one dial, built fresh each time: `connect` changes the object that it is given. Credentials come from the first URL. */
export function connectionOptions(servers: string, name: string): ConnectionOptions {
  const urls = servers.split(',').map(server => new URL(server.includes('://') ? server.trim() : `nats://${server.trim()}`))
  const { username, password, protocol } = urls[0]!
  return {
    servers: urls.map(url => url.host),
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 100,
    timeout: 2000,
    // A frozen server is known after about two seconds; the library's default is four minutes.
    pingInterval: 1000,
    maxPingOut: 2,
    // Otherwise an Error with its stack is built for each request.
    noAsyncTraces: true,
    ...(username !== '' && password !== '' && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
    ...(username !== '' && password === '' && { token: decodeURIComponent(username) }),
    ...(protocol === 'tls:' && { tls: {} }),
  }
}
