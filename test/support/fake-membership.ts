import type { Membership, MembershipListener } from '../../src/bus/cluster/membership.ts';
import type { PeerNode } from '../../src/bus/peers.ts';

/** Who is alive, as the test says. */
export class FakeMembership implements Membership {
  members: readonly PeerNode[] = [];
  readonly #listeners = new Set<MembershipListener>();

  watch(listener: MembershipListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  enter(node: PeerNode): void {
    this.#set([...this.members.filter(({ id }) => id !== node.id), node]);
  }

  /** The node's lease has ended. */
  expire(id: string): void {
    this.#set(this.members.filter((node) => node.id !== id));
  }

  #set(members: readonly PeerNode[]): void {
    this.members = members;
    for (const listener of this.#listeners) listener.onMembers?.(members);
  }
}
