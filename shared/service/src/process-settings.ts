import { LOG_LEVELS } from './log.ts'
import { duration, endpoint, flag, fraction, headers, integer, oneOf, optionalText, text, urls } from './settings.ts'

/** What every process reads, whatever it runs. */
export const processSettings = {
  configFile: optionalText('CONFIG_FILE', { description: 'The YAML file. Without it the first of `config/config.yaml` and `config.yaml` in the working directory, if there is one.' }),
  logLevel: oneOf('LOG_LEVEL', LOG_LEVELS, { yaml: 'server.log_level', description: 'The least severe events that are logged.', fallback: 'info' }),
  natsUrl: urls('NATS_URL', ['nats', 'tls'], { yaml: 'nats.url', description: 'The NATS servers, separated by commas; credentials as nats://user:password@host. Unused by `npm start`.', fallback: 'nats://127.0.0.1:4222' }),
  shutdownTimeoutMs: duration('SHUTDOWN_TIMEOUT', { yaml: 'server.shutdown_timeout', description: 'How long running requests may take to finish after SIGTERM before the process ends all the same.', fallback: '30s' }),
  host: text('HOST', { yaml: 'server.host', description: 'The address to listen on.', fallback: '0.0.0.0' }),
  metricsEnabled: flag('METRICS_ENABLED', { yaml: 'metrics.enabled', description: 'Serve Prometheus metrics at `/metrics`: the ingress at its public port, every other process at `METRICS_PORT`.', fallback: 'true' }),
  metricsPort: integer('METRICS_PORT', { yaml: 'metrics.port', description: 'Where a process without a public port serves `/health`, `/ready` and `/metrics`; 0 is any free port, which the log tells. Unused by the ingress and `npm start`.', fallback: '0', min: 0, max: 65535 }),
  otlpEndpoint: endpoint('OTEL_EXPORTER_OTLP_ENDPOINT', { yaml: 'opentelemetry.endpoint', description: 'The base address of an OpenTelemetry collector (OTLP over HTTP): traces go to `/v1/traces` below it. Without it nothing is traced, and a caller’s `traceparent` is handed on as it came.' }),
  otlpHeaders: headers('OTEL_EXPORTER_OTLP_HEADERS', { yaml: 'opentelemetry.headers', description: 'Headers for the collector as `name=value,other=value`.' }),
  traceRatio: fraction('OTEL_TRACES_SAMPLER_ARG', { yaml: 'opentelemetry.sampler_arg', description: 'Of the requests that come without a `traceparent`, how many are traced, from 0 to 1; a caller’s own decision holds.', fallback: '1' }),
}
