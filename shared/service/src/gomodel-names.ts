/** A name of GoModel that is accepted and has no effect here. */
export interface WithoutEffect {
  /** The variable; `*` stands for letters, digits and underscores, `#` for digits, `<TYPE>` for a provider type, `<OTHER>` for one that is not served here. */
  readonly env?: string
  /** The place in the YAML file; `*` is any key. */
  readonly yaml?: string
  readonly reason: string
}

/** Provider types of GoModel that are served here, as their variables begin. */
export const TYPES = ['OPENAI', 'ANTHROPIC', 'GEMINI', 'XAI', 'GROQ', 'OPENROUTER', 'ZAI', 'AZURE', 'ORACLE', 'OLLAMA', 'VLLM', 'DEEPSEEK', 'MINIMAX', 'COHERE']

/** Provider types of GoModel that are not. */
export const OTHER_TYPES = [
  'AUDIOCPP', 'BAILIAN', 'BEDROCK', 'BEDROCK_MANTLE', 'CHATGPT', 'CHUTES', 'EDENAI', 'ELEVENLABS', 'FIREWORKS', 'HETZNER', 'JEV', 'KILO', 'KIMICODE', 'LLAMACPP', 'LLMD', 'META',
  'OPENCODE_GO', 'SGLANG', 'VERTEX', 'XIAOMI',
]

/** One reason for several names; a variable without a place in the file has an empty one, and a place without a variable stands alone. */
const because = (reason: string, variables: Readonly<Record<string, string>>, places: readonly string[] = []): WithoutEffect[] => [
  ...Object.entries(variables).map(([env, yaml]) => ({ env, ...(yaml !== '' && { yaml }), reason })),
  ...places.map(yaml => ({ yaml, reason })),
]

/** Every name of GoModel's configuration that has no effect here, and why. A feature that arrives takes its names away from this list. */
export const WITHOUT_EFFECT: readonly WithoutEffect[] = [
  ...because('the gateway is served at the root of its port', { BASE_PATH: 'server.base_path' }),
  ...because('the API is described at /docs, always', { SWAGGER_ENABLED: 'server.swagger_enabled' }),
  ...because('there is no profiler of Go here', { PPROF_ENABLED: 'server.pprof_enabled' }),
  ...because('a process is told by SIGTERM, not by a file', { PID_FILE: 'server.pid_file' }),
  ...because('metrics are at /metrics', { METRICS_ENDPOINT: 'metrics.endpoint' }),
  ...because('the log is JSON, one line an event', { LOG_FORMAT: '' }),
  ...because('there are no user paths yet', { USER_PATH_HEADER: 'server.user_path_header', USERS: 'users' }),
  ...because('there are no realtime sessions', { REALTIME_ENABLED: 'server.realtime_enabled' }),
  ...because('addresses of clients are not looked at', {
    SERVER_TRUSTED_PROXIES: 'server.trusted_proxies',
    SERVER_CLIENT_IP_HEADER: 'server.client_ip_header',
    SERVER_TRUSTED_HOPS: 'server.trusted_hops',
  }),
  ...because('a client that does not read slows its own provider, and nobody else', { STREAM_STALL_TIMEOUT: 'server.stream_stall_timeout' }),
  ...because('the master key alone lets in', { MASTER_KEY_DISABLED: 'server.master_key_disabled', AUTH_VERIFY_ENABLED: 'server.auth_verify_enabled' }),
  ...because('unknown keys are always refused', { CONFIG_STRICT: '' }),
  ...because('the gateway calls nobody but the providers', {
    GOMODEL_OFFLINE: '',
    'GOMODEL_VERSION_CHECK_*': 'version_check',
    MODEL_LIST_URL: 'cache.model.model_list.url',
  }),
  ...because('every model that a provider lists is served', {
    MODELS_ENABLED_BY_DEFAULT: 'models.enabled_by_default',
    MODEL_OVERRIDES_ENABLED: 'models.overrides_enabled',
    KEEP_ONLY_ALIASES_AT_MODELS_ENDPOINT: 'models.keep_only_aliases_at_models_endpoint',
    UNQUALIFIED_MODEL_IDS_AT_MODELS_ENDPOINT: 'models.unqualified_model_ids_at_models_endpoint',
    '<TYPE>*_MODEL_FILTER_*': 'providers.*.model_filter',
  }),
  ...because('workers keep the lists of models in memory', {
    GOMODEL_CACHE_DIR: 'cache.model.local.cache_dir',
    REDIS_KEY_MODELS: 'cache.model.redis.key',
    REDIS_TTL_MODELS: 'cache.model.redis.ttl',
    PROVIDER_RECHECK_INTERVAL: 'cache.model.recheck_interval',
  }, ['cache.model.redis.url']),
  ...because('nothing is kept in a database yet', {
    STORAGE_TYPE: 'storage.type',
    SQLITE_PATH: 'storage.sqlite.path',
    POSTGRES_URL: 'storage.postgresql.url',
    POSTGRES_MAX_CONNS: 'storage.postgresql.max_conns',
    MONGODB_URL: 'storage.mongodb.url',
    MONGODB_DATABASE: 'storage.mongodb.database',
    'MEDIA_STORAGE_*': 'media',
  }, ['media_storage', 'encryption', 'secrets']),
  ...because('there is no audit log yet', {
    LOGGING_ENABLED: 'logging.enabled',
    LOGGING_LOG_BODIES: 'logging.log_bodies',
    LOGGING_LOG_HEADERS: 'logging.log_headers',
    LOGGING_BUFFER_SIZE: 'logging.buffer_size',
    LOGGING_FLUSH_INTERVAL: 'logging.flush_interval',
    LOGGING_RETENTION_DAYS: 'logging.retention_days',
    LOGGING_ONLY_MODEL_INTERACTIONS: 'logging.only_model_interactions',
    LOGGING_LOG_AUDIO_BODIES: 'logging.log_audio_bodies',
    LOGGING_LOG_IMAGE_BODIES: 'logging.log_image_bodies',
    LOGGING_LOG_IMAGE_BODIES_SCOPE: 'logging.log_image_bodies_scope',
    LOGGING_LOG_REVISION_BODIES: 'logging.log_revision_bodies',
    LOGGING_LOG_GUARDRAIL_STEPS: 'logging.log_guardrail_steps',
    'TAGGING_*': 'tagging',
  }),
  ...because('usage is counted in /metrics only, so far', {
    USAGE_ENABLED: 'usage.enabled',
    USAGE_BUFFER_SIZE: 'usage.buffer_size',
    USAGE_FLUSH_INTERVAL: 'usage.flush_interval',
    USAGE_RETENTION_DAYS: 'usage.retention_days',
    USAGE_PRICING_RECALCULATION_ENABLED: 'usage.pricing_recalculation_enabled',
  }),
  ...because('workers always ask for it, and clients get it when they ask', { ENFORCE_RETURNING_USAGE_DATA: 'usage.enforce_returning_usage_data' }),
  ...because('there are no budgets yet', { BUDGETS_ENABLED: 'budgets.enabled', 'SET_BUDGET_*': 'budgets.user_paths' }, ['budgets.labels']),
  ...because('there are no rate limits yet', { 'RATE_LIMITS_*': 'rate_limits', 'SET_RATE_LIMIT_*': '', 'SET_PROVIDER_RATE_LIMIT_*': '' }),
  ...because('there is no admin API and no dashboard yet', {
    ADMIN_ENDPOINTS_ENABLED: 'admin.endpoints_enabled',
    ADMIN_UI_ENABLED: 'admin.ui_enabled',
    'DASHBOARD_LIVE_LOGS_*': 'admin.live_logs',
  }, ['dashboard']),
  ...because('there are no guardrails yet', {
    GUARDRAILS_ENABLED: 'guardrails.enabled',
    ENABLE_GUARDRAILS_FOR_BATCH_PROCESSING: 'guardrails.enable_for_batch_processing',
    PLUGINS_ENABLED: 'plugins',
    PLUGINS_SEARCH_PATHS: '',
    PLUGINS_LOAD: '',
  }, ['guardrails.rules', 'extensions']),
  ...because('there are no workflows yet', { WORKFLOW_REFRESH_INTERVAL: 'workflows.refresh_interval' }),
  ...because('there is no limit on the whole of a stream; UPSTREAM_GAP_TIMEOUT ends a silent one', { HTTP_TIMEOUT: 'http.timeout' }),
  ...because('outbound TLS is that of Node: NODE_EXTRA_CA_CERTS adds an authority', { 'HTTP_TLS_*': 'http.tls' }),
  ...because('each wait is a random part of one that doubles', {
    RETRY_BACKOFF_FACTOR: 'resilience.retry.backoff_factor',
    RETRY_JITTER_FACTOR: 'resilience.retry.jitter_factor',
  }, ['providers.*.resilience.retry.backoff_factor', 'providers.*.resilience.retry.jitter_factor']),
  ...because('what is tried again is fixed', {}, ['resilience.retry.retry_on_statuses', 'providers.*.resilience.retry.retry_on_statuses']),
  ...because('a failure threshold of 0 turns a breaker off', {
    CIRCUIT_BREAKER_ENABLED: 'resilience.circuit_breaker.enabled',
  }, ['providers.*.resilience.circuit_breaker.enabled']),
  ...because('what a breaker counts is fixed', {
    CIRCUIT_BREAKER_SLOW_CALL_THRESHOLD: 'resilience.circuit_breaker.slow_call_threshold',
  }, [
    'resilience.circuit_breaker.scope',
    'resilience.circuit_breaker.failure_on_statuses',
    ...['scope', 'failure_on_statuses', 'slow_call_threshold'].map(key => `providers.*.resilience.circuit_breaker.${key}`),
  ]),
  ...because('it is said as aliases', { VIRTUAL_MODELS: 'virtual_models' }),
  ...because('it is said as fallback', { 'FAILOVER_*': 'failover' }),
  ...because('there is no MCP', { MCP_ENABLED: 'mcp', MCP_SERVERS: '', MCP_ALLOWED_ORIGINS: '', MCP_TOOL_DISCOVERY: '' }),
  ...because('sessions are not told apart', { 'SESSION_HEADER_*': 'session', SESSION_KEEPING_ENABLED: '', SESSION_AUTO_DETECT: '', SESSION_BUILTIN_RULES: '', '<TYPE>*_SESSION_STICKY_KEYS': 'providers.*.session_sticky_keys' }),
  ...because('one instance has one key; a suffix makes a further instance', { '<TYPE>*_API_KEY_#': 'providers.*.api_keys' }),
  ...because('proxies are not used', { '<TYPE>*_PROXY_URL': 'providers.*.proxy_url' }),
  ...because('the dialect of a provider is fixed', {
    USE_GOOGLE_GEMINI_NATIVE_API: '',
    '<TYPE>*_API_MODE': 'providers.*.api_mode',
    DEEPSEEK_JSON_SCHEMA_MODE: '',
    PROVIDER_PROMPT_CACHE_PLANNER_ENABLED: '',
  }, ['providers.*.backend', 'providers.*.inference_objective', 'providers.*.fairness_from_user_path']),
  ...because('a request without max_tokens gets the default of the adapter', { ANTHROPIC_DEFAULT_MAX_TOKENS: '' }),
  ...because('the gateway does not name itself to OpenRouter', { OPENROUTER_SITE_URL: '', OPENROUTER_APP_NAME: '' }),
  ...because('keys are the only credentials of a provider', {},
    ['auth_type', 'vertex_project', 'vertex_location', 'service_account_file', 'service_account_json', 'service_account_json_base64', 'gcp_scope'].map(key => `providers.*.${key}`),
  ),
  ...because('this type of provider is not served; OPENAI_<NAME>_BASE_URL takes any server that speaks the OpenAI dialect', {
    '<OTHER>*_API_KEY': '',
    '<OTHER>*_BASE_URL': '',
    '<OTHER>*_MODELS': '',
    OPENCODE_GO_DEFAULT_REASONING_EFFORT: '',
    OPENCODE_GO_SESSION_HEADER: '',
    LLMD_INFERENCE_OBJECTIVE: '',
    LLMD_FAIRNESS_FROM_USER_PATH: '',
    BEDROCK_MANTLE_API_MODE: '',
    VERTEX_PROJECT: '',
    VERTEX_LOCATION: '',
    'VERTEX_SERVICE_ACCOUNT_*': '',
    AWS_BEARER_TOKEN_BEDROCK: '',
  }),
  ...because('traces go out as OTLP over HTTP wherever there is an endpoint, and nothing else does', {
    OTEL_ENABLED: 'opentelemetry.enabled',
    OTEL_SERVICE_NAME: 'opentelemetry.service_name',
    OTEL_RESOURCE_ATTRIBUTES: 'opentelemetry.resource_attributes',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'opentelemetry.protocol',
    OTEL_TRACES_EXPORTER: 'opentelemetry.traces_exporter',
    OTEL_METRICS_EXPORTER: 'opentelemetry.metrics_exporter',
    OTEL_TRACES_SAMPLER: 'opentelemetry.sampler',
    OTEL_PROPAGATORS: 'opentelemetry.propagators',
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'opentelemetry.capture_message_content',
  }),
]
