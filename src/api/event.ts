import type { Dialect } from './dialect.ts';
import type { ConnectionEnd } from './history.ts';

interface ConnectionSubject {
  readonly system: string;
  readonly cid: string;
  readonly clientId?: string;
  readonly dialect: Dialect;
  readonly remoteAddress: string;
  /** Absent, like the two below, until it is bound. */
  readonly uid?: string;
  readonly deviceId?: string;
  readonly channel?: string;
}

/** What happened, without its envelope. */
export type EventSubject =
  | ({ readonly type: 'connected' } & ConnectionSubject)
  | ({ readonly type: 'bound' } & ConnectionSubject)
  | ({
      readonly type: 'disconnected';
      readonly code: number;
      readonly reason: string;
      /** Absent from nodes of earlier versions. */
      readonly end?: ConnectionEnd;
    } & ConnectionSubject)
  /** `userId`, `extend`: as whoever joined it to the group called it. */
  | ({
      readonly type: 'joined' | 'left';
      readonly group: string;
      readonly userId: string;
      readonly extend: string;
    } & ConnectionSubject)
  | {
      readonly type: 'kicked' | 'replaced';
      readonly system: string;
      readonly cid: string;
      readonly uid?: string;
      readonly reason: string;
    }
  | { readonly type: 'system_added' | 'system_removed'; readonly system: string }
  | {
      readonly type: 'key_rotated';
      /** Absent: the operator's. */
      readonly system?: string;
      readonly role: string;
      readonly keyId: string;
      /** Ids of keys that are valid no longer. */
      readonly removed: readonly string[];
    }
  | { readonly type: 'key_removed'; readonly system?: string; readonly role: string; readonly keyId: string }
  | {
      readonly type: 'banned';
      readonly system: string;
      readonly uid: string;
      readonly until: number;
      readonly reason: string;
    }
  | { readonly type: 'unbanned'; readonly system: string; readonly uid: string }
  | {
      /** In a cluster, as this node sees it: `node_down` is a lease that ended without a word. */
      readonly type: 'node_joined' | 'node_left' | 'node_down';
      readonly peer: string;
      readonly incarnation: number;
      /** Of its RPC. */
      readonly address: string;
    }
  | { readonly type: 'refused'; readonly error: string; readonly what: string; readonly remoteAddress: string }
  | {
      /** The event loop did not turn for a second or more. */
      readonly type: 'paused';
      readonly cause: 'stopped' | 'blocked';
      readonly ms: number;
    }
  | { readonly type: 'state'; readonly state: 'serving' | 'draining'; readonly reason: string };

/** One line of the live event stream. `sequence` grows by one on its node; a jump is a gap. */
export type NodeEvent = EventSubject & { readonly sequence: number; readonly time: number; readonly node: string };
