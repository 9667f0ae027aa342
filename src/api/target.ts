/** Who a push is for, always inside one system. A `ConnectionRef` is a clientId (either base64 spelling) or a cid as text. */
export type ConnectionRef = string;

export type Target =
  | { readonly to: 'connections'; readonly ids: readonly ConnectionRef[] }
  /** All connections of these users. */
  | { readonly to: 'users'; readonly uids: readonly string[] }
  /** These connections, where they belong to one of these users (SENDUIDDID). */
  | { readonly to: 'userConnections'; readonly uids: readonly string[]; readonly ids: readonly ConnectionRef[] }
  /** The connections of one device of one user. */
  | { readonly to: 'device'; readonly uid: string; readonly deviceId: string }
  /** The members of these groups (rooms and groups are one thing); a member of several gets it once. */
  | { readonly to: 'groups'; readonly groups: readonly string[] }
  /** Everyone in the system. */
  | { readonly to: 'system' };

/** Left out of a push, whatever the target. */
export interface Exclusion {
  readonly uids?: readonly string[];
  readonly ids?: readonly ConnectionRef[];
}
