import type { GroupNotice } from '../../wire/cluster/group-notice.ts';

/** A member of a group on a node that is gone. */
export interface LostMember {
  readonly system: string;
  readonly group: string;
  readonly cid: number;
  readonly clientId: string;
  readonly userId: string;
  readonly extend: string;
}

/** The bytes of the clientId as a text, which is half of what the clientId and its pieces take; alone where there are no labels. */
type Member = string | { readonly packedId: string; readonly userId: string; readonly extend: string };

type Groups = Map<string, Map<number, Member>>;

/**
 * Who is in which group on another node, kept for the day it dies: its members' 1002 are then told by the one node that has
 * this record. Every node chooses its keeper among the others and tells it everything; all others get the same notices
 * and keep nothing. One membership takes about 100 bytes, once in the cluster.
 */
export class MemberRecords {
  readonly #nodes = new Map<string, Map<string, Groups>>();

  /** From now on, with an empty record. */
  keep(node: string): void {
    this.#nodes.set(node, new Map());
  }

  /** Who came or went on the node; nothing where its record is kept elsewhere. */
  note(node: string, { system, group, cid, message }: GroupNotice): void {
    const systems = this.#nodes.get(node);
    if (systems === undefined) return;
    const groups: Groups = systems.get(system) ?? new Map();
    const members = groups.get(group) ?? new Map<number, Member>();
    if (message.code === 1001) {
      const { clientId, userId, extend } = message;
      systems.set(system, groups);
      groups.set(group, members);
      const packedId = Buffer.from(clientId, 'base64').toString('latin1');
      members.set(cid, userId === '' && extend === '' ? packedId : { packedId, userId, extend });
      return;
    }
    members.delete(cid);
    if (members.size === 0) groups.delete(group);
    if (groups.size === 0) systems.delete(system);
  }

  /** The record of a node that is gone, which is kept no longer. */
  *take(node: string): Generator<LostMember> {
    const systems = this.#nodes.get(node);
    this.#nodes.delete(node);
    for (const [system, groups] of systems ?? []) {
      for (const [group, members] of groups) {
        for (const [cid, member] of members) {
          const { packedId, userId, extend } = labelled(member);
          yield { system, group, cid, clientId: Buffer.from(packedId, 'latin1').toString('base64'), userId, extend };
        }
      }
    }
  }

  /** Memberships kept. */
  get size(): number {
    let size = 0;
    for (const systems of this.#nodes.values()) {
      for (const groups of systems.values()) for (const members of groups.values()) size += members.size;
    }
    return size;
  }
}

function labelled(member: Member): Exclude<Member, string> {
  return typeof member === 'string' ? { packedId: member, userId: '', extend: '' } : member;
}

/** Who keeps a node's record: the next one by name, in a circle; the same one as long as it is alive. */
export function keeperOf(self: string, others: readonly string[]): string | undefined {
  const sorted = others.toSorted();
  return sorted.find((node) => node > self) ?? sorted[0];
}
