import { GatewayError, type Lead } from '@gomodel/contracts'

/** What one who has sent nothing to its client may do: take the place of the leader that did not get it, ask again, or go on without others. */
export type Next = { readonly replace: Lead } | 'ask' | 'alone'

/** The answer of another request cannot be followed, or not any more. Who has sent some of it already ends with this error; the others begin anew. */
export class FlightLost extends GatewayError {
  readonly next: Next

  constructor(next: Next, { provider, cause }: { provider?: string | undefined; cause?: unknown } = {}) {
    super('stream_broken', 'the answer was shared with an equal request, and whoever was getting it is gone', { provider, cause })
    this.next = next
  }
}
