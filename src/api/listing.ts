import type { Dialect } from './dialect.ts';

/** One condition of a list: `field=value`, `field!=value`, `field~part` (contains, any case), `field>number`, `field<number`. */
export interface Condition {
  readonly field: string;
  readonly op: '=' | '!=' | '~' | '>' | '<';
  readonly value: string;
}

export interface ListQuery {
  /** Only this system; absent: all (operators only). */
  readonly system?: string;
  readonly where?: readonly Condition[];
  /** Contained, in any case, in one of the text fields of a row. */
  readonly search?: string;
  /** A field of the row; default the row's key. */
  readonly sort?: string;
  readonly descending?: boolean;
  /** 1 to `pageSize.largest`, default `pageSize.usual`. */
  readonly limit?: number;
  /** From the page before. */
  readonly cursor?: string;
}

/** Rows of a page. */
export const pageSize = { usual: 100, largest: 1000 } as const;

/** Nodes that did not answer in time, what they hold is not in the answer; absent when all did. */
export type MissingNodes = readonly string[];

/** One row of its own, not whole where nodes are missing. */
export type Shown<T> = T & { readonly missingNodes?: MissingNodes };

export interface Page<T> {
  readonly items: readonly T[];
  /** Rows that meet the query, on all pages. */
  readonly total: number;
  /** Present when there is a further page. */
  readonly cursor?: string;
  readonly missingNodes?: MissingNodes;
}

export interface ConnectionInfo {
  /** Positive integer below 2^53 as text. */
  readonly cid: string;
  readonly clientId: string;
  readonly system: string;
  readonly dialect: Dialect;
  readonly node: string;
  readonly remoteAddress: string;
  readonly connectedAt: number;
  /** Seconds since connecting. */
  readonly ageSeconds: number;
  /** Seconds since the last inbound frame. */
  readonly idleSeconds: number;
  readonly uid?: string;
  readonly deviceId?: string;
  readonly deviceName?: string;
  readonly channel?: string;
  /** Milliseconds since the epoch. */
  readonly boundAt?: number;
  readonly groups: readonly string[];
  /** Messages handed to the socket. */
  readonly delivered: number;
  readonly dropped: number;
  /** Bytes waiting in this process for the socket. */
  readonly queueBytes: number;
}

export interface UserInfo {
  readonly uid: string;
  readonly system: string;
  readonly connections: number;
  readonly devices: readonly string[];
  readonly groups: readonly string[];
  /** Where it is connected. */
  readonly nodes: readonly string[];
  /** The newest bind, milliseconds since the epoch. */
  readonly boundAt: number;
}

export interface GroupInfo {
  readonly group: string;
  readonly system: string;
  /** Connections. */
  readonly members: number;
}

export interface MemberInfo {
  readonly cid: string;
  readonly clientId: string;
  readonly node: string;
  readonly dialect: Dialect;
  /** The identity bound to the connection, if any. */
  readonly uid?: string;
  /** The labels given when it joined. */
  readonly userId: string;
  readonly extend: string;
}

export interface SystemInfo {
  readonly system: string;
  readonly createdAt: number;
  readonly connections: number;
  readonly users: number;
  readonly groups: number;
}
