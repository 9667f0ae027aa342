import type { Connection } from './connection.ts';

/** The labels a member was given when it joined; they appear in notices and lists. */
export interface Membership {
  readonly userId: string;
  readonly extend: string;
}

/** A group (go-websocket) and a room (yunque-socket) are one thing. Never empty: it goes with its last member. */
export interface Group {
  readonly name: string;
  readonly members: Map<Connection, Membership>;
  /** Users who joined as users: their later connections become members too. */
  readonly users: Map<string, Membership>;
}

/** A membership that came or went. */
export interface MembershipChange {
  readonly group: Group;
  readonly connection: Connection;
  readonly membership: Membership;
}

/** A user with at least one connection. */
export interface User {
  readonly uid: string;
  readonly connections: Set<Connection>;
  readonly groups: Set<Group>;
}

/** All that one system (tenant) has on this node. Nothing in it refers to another system. */
export interface SystemIndex {
  readonly id: string;
  readonly connections: Set<Connection>;
  readonly users: Map<string, User>;
  readonly groups: Map<string, Group>;
}

export function createSystemIndex(id: string): SystemIndex {
  return { id, connections: new Set(), users: new Map(), groups: new Map() };
}
