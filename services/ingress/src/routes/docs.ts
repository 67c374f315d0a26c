import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { madeOnce } from '../made-once.ts'
import { contentSecurityPolicy, pageHtml, startScript } from '../openapi/page.ts'

const TYPES = { html: 'text/html; charset=utf-8', css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', png: 'image/png' } as const

/** What of Swagger UI is served; the package has ten times as much. */
const FILES: Readonly<Record<string, keyof typeof TYPES>> = { 'swagger-ui.css': 'css', 'swagger-ui-bundle.js': 'js', 'favicon-32x32.png': 'png' }

interface Asset {
  readonly type: keyof typeof TYPES
  readonly read: () => Promise<Buffer>
}

/** `GET /openapi.json`, and `GET /docs`, the page that shows it. Nothing of either is read or built before it is first asked for. */
export function docsRoutes(app: FastifyInstance): void {
  const document = madeOnce(async () => Buffer.from(JSON.stringify((await import('../openapi/document.ts')).openapiDocument)))
  const swagger = madeOnce(swaggerUi)

  // What may fail comes before the headers: an error has its own.
  app.get('/openapi.json', async (_, reply) => {
    const body = await document()
    return fresh(reply, 'application/json; charset=utf-8').send(body)
  })

  app.get('/docs', async (_, reply) => {
    const { address } = await swagger()
    return fresh(reply, TYPES.html).header('content-security-policy', contentSecurityPolicy).send(pageHtml(address))
  })

  app.get<{ Params: { '*': string } }>('/docs/*', async (request, reply) => {
    const name = request.params['*']
    if (name === 'start.js') return fresh(reply, TYPES.js).send(startScript)
    const asset = (await swagger()).assets.get(name)
    if (!asset) return reply.callNotFound()
    const body = await asset.read()
    // The address holds the version.
    return typed(reply, TYPES[asset.type]).header('cache-control', 'public, max-age=31536000, immutable').send(body)
  })
}

const typed = (reply: FastifyReply, type: string) => reply.header('content-type', type).header('x-content-type-options', 'nosniff')

const fresh = (reply: FastifyReply, type: string) => typed(reply, type).header('cache-control', 'no-cache')

/** The files by what follows `/docs/`. Each is read once and shared by all answers, so that slow readers cost no memory of their own. */
async function swaggerUi(): Promise<{ address: string; assets: ReadonlyMap<string, Asset> }> {
  const manifest = createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string }
  const assets = Object.entries(FILES).map(([name, type]) => [`${version}/${name}`, { type, read: madeOnce(() => readFile(join(dirname(manifest), name))) }] as const)
  return { address: `/docs/${version}`, assets: new Map(assets) }
}
