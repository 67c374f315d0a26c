import type { ServerResponse } from 'node:http'

/** Answers with a JSON body; bytes are taken to be one. */
export function sendJson(response: ServerResponse, body: unknown, { status = 200, headers = {} }: { status?: number; headers?: Record<string, number> } = {}): void {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers }).end(bytes)
}
