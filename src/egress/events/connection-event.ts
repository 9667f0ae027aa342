import type { Dialect } from '../../api/dialect.ts';

/** What a sink can be asked to leave out or in. */
export const connectionEventTypes = ['online', 'bind', 'offline', 'group'] as const;
export type ConnectionEventType = (typeof connectionEventTypes)[number];

interface Envelope {
  /** Unique; the same when it is sent again. */
  readonly id: string;
  readonly node: string;
  /** Tells one start of the node from another: later ones are greater. */
  readonly incarnation: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Greater than in any earlier event of the cluster; below 2^53. */
  readonly sequence: number;
}

interface OfConnection extends Envelope {
  readonly system: string;
  /** Absent until it is bound. */
  readonly uid?: string;
  readonly cid: string;
  /** What go-websocket's API calls it; where it has been given one. */
  readonly clientId?: string;
  /** Absent until it is bound. */
  readonly deviceId?: string;
  /** android, ios, web …; absent until it is bound. */
  readonly channel?: string;
  readonly dialect: Dialect;
  readonly remoteAddress: string;
  /** It was told before, under an earlier incarnation: the others had taken this node for dead. */
  readonly again?: true;
}

/** One JSON object for each record that a sink is given. Described in docs/events.md. */
export type ConnectionEvent =
  | (OfConnection & { readonly type: 'online' | 'bind' })
  | (OfConnection & { readonly type: 'offline'; readonly code: number; readonly reason: string })
  | (OfConnection & {
      readonly type: 'group';
      readonly change: 'joined' | 'left';
      readonly group: string;
      /** As the backend gave them when it joined the client. */
      readonly userId: string;
      readonly extend: string;
    })
  /** Of the node of the envelope, nothing of earlier incarnations is connected any more. */
  | (Envelope & { readonly type: 'node_up' })
  /** Of `peer`, nothing of this or earlier incarnations is connected any more. */
  | (Envelope & {
      readonly type: 'node_down';
      readonly peer: string;
      readonly peerIncarnation: number;
      readonly cause: 'died' | 'left';
    })
  /** What this node could not keep for this sink: so many events with these sequences, the first and the last. */
  | (Envelope & { readonly type: 'gap'; readonly dropped: number; readonly from: number; readonly to: number });
