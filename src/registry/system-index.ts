import type { Audience } from './audience.ts';
import type { Place } from './batch.ts';
import type { Connection } from './connection.ts';

/** What a member was called when it joined; it appears in notices and lists. */
export interface Labels {
  readonly userId: string;
  readonly extend: string;
}

/** A connection in a group. */
export interface Membership extends Labels, Place {}

/** A group (go-websocket) and a room (yunque-socket) are one thing. Never empty: it goes with its last member. */
export interface Group {
  readonly name: string;
  readonly members: Audience<Membership>;
  /** Users who joined as users: their later connections become members too. */
  readonly users: Map<string, Labels>;
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
  /** Those it joined as a user; undefined until the first. */
  groups: Set<Group> | undefined;
}

/** All that one system (tenant) has on this node. Nothing in it refers to another system. */
export interface SystemIndex {
  readonly id: string;
  /** Everyone. */
  readonly members: Audience;
  readonly users: Map<string, User>;
  readonly groups: Map<string, Group>;
  /** An audience whose members will be of this system. */
  readonly newAudience: (group: string) => Audience<Membership>;
  /** The group has its first member here, or none any more. */
  readonly onGroup: (group: string, isHere: boolean) => void;
}
