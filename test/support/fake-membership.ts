import type { MemberNode, Membership, MembershipListener } from '../../src/bus/cluster/membership.ts';

/** Who is alive, as the test says. */
export class FakeMembership implements Membership {
  members: readonly MemberNode[] = [];
  readonly #listeners = new Set<MembershipListener>();

  watch(listener: MembershipListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  enter(node: MemberNode): void {
    this.#set([...this.members.filter(({ id }) => id !== node.id), node]);
  }

  /** The node's lease has ended. */
  expire(id: string): void {
    this.#set(this.members.filter((node) => node.id !== id));
  }

  #set(members: readonly MemberNode[]): void {
    this.members = members;
    for (const listener of this.#listeners) listener.onMembers?.(members);
  }
}
