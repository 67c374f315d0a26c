// What the image's HEALTHCHECK runs: 0 when the service of this image answers GET /health. Plain CommonJS, so that it starts as fast as can be.
const { SERVICE, PORT, METRICS_PORT } = process.env
const hasPublicPort = SERVICE === 'ingress' || SERVICE === 'standalone'
const port = hasPublicPort ? PORT || '8080' : METRICS_PORT
const unhealthy = why => {
  console.error(`unhealthy: ${why}`)
  process.exit(1)
}
fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2500) }).then(
  ({ ok, status }) => (ok ? process.exit(0) : unhealthy(`/health says ${status}`)),
  error => unhealthy(error.cause?.code ?? error.name),
)
