import type { PeerNode } from '../peers.ts';

/**
 * Which nodes are alive, whether they can be reached or not, as those know who know it: leases in a directory (`Leases` is one), or the word
 * of a supervisor. Where they cannot be asked, the members stay as they were last known.
 */
export interface Membership {
  /** With this node or without it. Of one id there is one, of its newest incarnation. */
  readonly members: readonly PeerNode[];
  /** Calls whenever `members` has changed. Answers the end of it. */
  watch(listener: MembershipListener): () => void;
}

export interface MembershipListener {
  onMembers?(members: readonly PeerNode[]): void;
}
