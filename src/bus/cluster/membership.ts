import type { PeerNode } from '../peers.ts';

export interface MemberNode extends PeerNode {
  /** It is about to meet the others, and holds nobody yet. */
  readonly isStarting?: boolean;
}

/**
 * Which nodes are alive, whether they can be reached or not, as those know who know it: leases in a directory (`Leases` is one), or the word
 * of a supervisor. Where they cannot be asked, the members stay as they were last known.
 */
export interface Membership {
  /** With this node or without it. Of one id there is one, of its newest incarnation. */
  readonly members: readonly MemberNode[];
  /** Calls whenever `members` has changed. Answers the end of it. */
  watch(listener: MembershipListener): () => void;
}

export interface MembershipListener {
  onMembers?(members: readonly MemberNode[]): void;
}
