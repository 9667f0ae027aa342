import type { ErrorCode } from './errors.ts';
import type { ConnectionInfo, GroupInfo, ListQuery, Page, SystemInfo, UserInfo } from './listing.ts';
import type { ClusterStats } from './stats.ts';

/** Lists that a snapshot can bring along, and their rows. */
export interface SnapshotRows {
  connections: ConnectionInfo;
  users: UserInfo;
  groups: GroupInfo;
  systems: SystemInfo;
}
export type SnapshotListKind = keyof SnapshotRows;

export const snapshotLists = ['connections', 'users', 'groups', 'systems'] as const satisfies SnapshotListKind[];

/** The page of a list that is asked for with the stats. */
export interface SnapshotQuery {
  readonly list?: SnapshotListKind | undefined;
  /** Of that list. */
  readonly query?: ListQuery | undefined;
}

/** A page, or why there is none: that does not keep the stats from coming. */
export type SnapshotList =
  | { readonly [K in SnapshotListKind]: { readonly kind: K; readonly page: Page<SnapshotRows[K]> } }[SnapshotListKind]
  | {
      readonly kind: SnapshotListKind;
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint?: string };
    };

/** All that a screen shows, in one answer. */
export interface SnapshotAnswer {
  readonly schema: 'yunque.snapshot/1';
  readonly stats: ClusterStats;
  readonly list?: SnapshotList;
}
