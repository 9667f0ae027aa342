import type { Awaitable } from '../util/awaitable.ts';
import type { Directory, Login } from './directory.ts';

/** A node in one of its starts. */
export interface NodeStart {
  readonly id: string;
  readonly incarnation: number;
}

/**
 * One change, as the nodes share it: a login or, with `out`, a logout. Of a group it says that this node has members of it now, or
 * has none any more: the group's name is in `uid`, and `cid` tells the nodes apart.
 */
export interface RouteChange {
  readonly out: boolean;
  readonly group?: boolean;
  readonly login: Login;
}

/** What a directory of a cluster is given by whoever makes it known to the other nodes. */
export interface DirectoryLinks {
  readonly node: string;
  /** Below 2^20 and of no other live node. */
  readonly lease: number;
  /**
   * Resolves when every live node has the change, with the places that they hold of the same user; never rejects. Called in the turn
   * of the change where the directory knows everything, and after it was written down where it is written down.
   */
  readonly share: (change: RouteChange) => Promise<readonly Login[]>;
  /** The others cannot rely on what is written down of this node, until `settled`. */
  readonly doubt: () => void;
  readonly settled: () => void;
  /** Another node holds a user of this one and may not know of it: the device rules have to be asked for again. */
  readonly onContested: (system: string, uid: string) => void;
}

/**
 * The directory of a node that has others. Beside what every `Directory` guarantees:
 * - A login that is answered is known to every live node: whatever any of them asks about the user from then on names this node.
 * - What is not known is undefined, which means everyone; an answer that is known is given at once.
 */
export interface ClusterDirectory extends Directory {
  /** Before this node joins the others. Resolves where it cannot be asked, too. */
  start(): Promise<void>;
  /** The nodes that hold the user, each once; undefined where that cannot be said. */
  nodesOf(system: string, uid: string): Awaitable<readonly string[] | undefined>;
  /** The nodes with members of the group, each once; undefined where that cannot be said. */
  groupNodes(system: string, group: string): Awaitable<readonly string[] | undefined>;
  /** This node has its first member of the group: resolves when the others know. */
  enterGroup(system: string, group: string): Awaitable<void>;
  /** The last member here has gone. */
  leaveGroup(system: string, group: string): Awaitable<void>;
  /** Users with a route, wherever; undefined: each node knows its own (`countUsersHere`). */
  userCount(system: string): number | undefined;
  /** The same of all systems. */
  readonly totalUsers: number | undefined;
  /** Users of whom this node is, of those that hold them, the first by name: over all nodes each once. By system. Looks at every user. */
  countUsersHere(): Map<string, number>;

  /** What a node that has joined said. Answers the places of this node of the same user. */
  apply(from: NodeStart, change: RouteChange): readonly Login[];
  /** The node has joined and tells all its own, until `onTold`; what was known of it before is void. */
  onJoin(node: NodeStart): void;
  /** It has told all. `clock`: of its logins. */
  onTold(node: string, clock: number): void;
  /** It said that what is written down of it is not to be relied on. */
  onDoubt(node: string): void;
  /** The link is cut, and it may still be alive. */
  onCut(node: string): void;
  /** It has ended: all it held is forgotten. */
  onGone(node: string): void;
  readonly clock: number;
  /** All that this node holds, for one that has joined. */
  own(): Generator<RouteChange>;
}
