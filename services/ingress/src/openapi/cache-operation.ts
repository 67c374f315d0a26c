import { Type } from 'typebox'
import { errorResponses } from './errors.ts'
import { headersNamed, reference, type Operation } from './shape.ts'

const Counts = Type.Object({ matched: Type.Integer({ description: 'How many answers were selected.' }), removed: Type.Integer({ description: 'How many of them are gone now.' }) })

const LimitedCounts = Type.Object({ ...Counts.properties, limited: Type.Optional(Type.Integer({ description: 'How many of them want nearer questions from now on. Only with `wrong_at`.' })) })

/** What an operator says to the caches, and hears. */
export const cacheSchemas = {
  CacheInvalidation: Type.Object(
    {
      entry: Type.Optional(Type.String({ minLength: 43, maxLength: 43, description: 'One answer, in every layer: what `X-Cache-Entry` said of it.' })),
      tag: Type.Optional(Type.String({ description: 'Answers to requests with this tag in `X-Cache-Tags`.' })),
      model: Type.Optional(Type.String({ description: 'Answers of a model: its alias or name as it was asked for, or `instance/model` or `model` as it answered.' })),
      tenant: Type.Optional(Type.String({ description: 'Answers of one tenant; whoever has the key of the gateway is `master`.' })),
      everything: Type.Optional(Type.Literal(true)),
      wrong_at: Type.Optional(
        Type.Number({
          exclusiveMinimum: 0,
          maximum: 1,
          description:
            'Only beside `entry`: the answer is right, and was wrong for a question of this similarity, as `X-Cache-Similarity` said. From now on the entry answers no other question than its own that is not nearer by 0.01. When one that is, is said to be wrong too, the semantic cache forgets it; the exact cache keeps it.',
        }),
      ),
      dry_run: Type.Optional(Type.Boolean({ description: 'Only counts.' })),
      reason: Type.Optional(Type.String({ maxLength: 1000, description: 'For the log of the gateway.' })),
    },
    { additionalProperties: false, description: 'Exactly one of `entry`, `tag`, `model`, `tenant` and `everything`.' },
  ),
  CacheInvalidated: Type.Object({
    exact: Counts,
    semantic: LimitedCounts,
    dry_run: Type.Boolean(),
    unavailable: Type.Array(Type.Enum(['exact', 'semantic']), { description: 'Layers that could not be reached, or not to the end: ask again.' }),
  }),
}

/** `POST /admin/api/v1/cache/invalidate`. */
export const invalidateCache: Operation = {
  operationId: 'invalidateCache',
  tags: ['Administration'],
  summary: 'Forget cached answers',
  description: [
    'Removes answers from the exact and the semantic cache. When this answers, no ingress gives any of them any more, and what was asked of a model before is not kept.',
    'Each answer that is kept, or comes out of a cache, names its entry in `X-Cache-Entry`; one that was found by its meaning tells in `X-Cache-Similarity` how near its question is.',
  ].join('\n\n'),
  parameters: [reference('parameters', 'RequestId')],
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: reference('schemas', 'CacheInvalidation'),
        examples: {
          wrong: { summary: 'One answer was wrong', value: { entry: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg', reason: 'it names the wrong city' } },
          limit: { summary: 'It was no answer to the question that found it by meaning', value: { entry: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg', wrong_at: 0.9412 } },
          tag: { summary: 'What depends on something that changed', value: { tag: 'prices/2026' } },
          count: { summary: 'How much that would be', value: { model: 'openai/gpt-5', dry_run: true } },
        },
      },
    },
  },
  responses: {
    200: {
      description: 'What became of it in each layer.',
      headers: headersNamed('X-Request-ID'),
      content: { 'application/json': { schema: reference('schemas', 'CacheInvalidated'), example: { exact: { matched: 1, removed: 1 }, semantic: { matched: 2, removed: 2 }, dry_run: false, unavailable: [] } } },
    },
    ...errorResponses(['invalid_request', 'unauthenticated', 'payload_too_large', 'internal']),
  },
}
