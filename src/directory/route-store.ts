/** Users by their uid, groups by their name: what nodes are known to hold. */
export type RouteKind = 'users' | 'groups';

export interface RouteName {
  readonly kind: RouteKind;
  readonly system: string;
  readonly name: string;
}

/** One connection of a user, or one node with members of a group. */
export interface StoredPlace {
  readonly node: string;
  readonly incarnation: number;
  readonly cid: number;
  readonly sequence: number;
}

/**
 * Where the routes of all nodes are written down. Everything rejects where it cannot be asked. What one node asks for one name is done in
 * the order of its calls. Nobody's routes are taken for anything while their node, in that incarnation, is not alive: the reader judges that.
 */
export interface RouteStore {
  /** Writes a place of this node down, with a number above `floor` and above all there are of the name; answers all places, this one too. */
  login(name: RouteName, cid: number, floor: number): Promise<{ sequence: number; places: readonly StoredPlace[] }>;
  /** Writes a place of this node down that has its number; answers all places. */
  put(name: RouteName, cid: number, sequence: number): Promise<readonly StoredPlace[]>;
  /** Removes the place of this node, in its incarnation, whatever its number. `isLast`: it was the last of the name here. */
  drop(name: RouteName, cid: number, isLast: boolean): Promise<void>;
  /** Removes that login, and no newer one. */
  remove(name: RouteName, place: Omit<StoredPlace, 'incarnation'>): Promise<void>;
  /** The places of each of the names. */
  lookup(names: readonly RouteName[]): Promise<readonly (readonly StoredPlace[])[]>;
  /** Before anything else is written down: what this node holds from now on is removed when it has ended. */
  enlist(): Promise<void>;
  /** All that this node holds, in its incarnation, is written down now. Kept until the store loses its data. */
  settle(): Promise<void>;
  /** The nodes that have settled, by `settledKey`. */
  settled(): Promise<ReadonlySet<string>>;
  /** Calls when the store may have lost something: its connection ended. Answers the end of it. */
  onLost(listener: () => void): () => void;
}

export function settledKey(node: string, incarnation: number): string {
  return `${incarnation}:${node}`;
}
