import type { Connection } from '../../registry/connection.ts';
import type { ReplyData } from '../../wire/codec.ts';

/** Who asks, as the node knows it: nothing of it comes from the request. */
export type Asker = Pick<Connection, 'cid' | 'system' | 'clientId' | 'identity' | 'groups'>;

/** One request of a client. */
export interface UplinkRequest {
  readonly from: Asker;
  readonly key: string;
  /** The client's own clock, in milliseconds since the epoch; 0: it says none. */
  readonly timestamp: bigint;
  readonly data: ReadonlyMap<string, string>;
  /** The data as JSON text, where the client wrote JSON. */
  readonly json?: string | undefined;
}

/** What the client is replied. `code` is a number as text, or whatever the backend says. */
export interface Answer {
  readonly code: string;
  readonly message: string;
  readonly data?: ReplyData;
}

/** What is answered here, in the place of a backend. */
export const answers = {
  accepted: { code: '202', message: 'accepted' },
  noRoute: { code: '404', message: 'no route takes this key' },
  tooFast: { code: '429', message: 'too many requests (uplink.rate)' },
  tooMany: { code: '429', message: 'too many requests wait for their answers already' },
  unusable: { code: '502', message: 'the backend gave no answer that can be used' },
  busy: { code: '503', message: 'too many requests are under way' },
  down: { code: '503', message: 'the backend is not available now' },
  goingAway: { code: '503', message: 'the node is shutting down' },
  late: { code: '504', message: 'the backend did not answer in time' },
} as const satisfies Record<string, Answer>;
