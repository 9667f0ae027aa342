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

/** Who keeps the record of a node, as that node said. */
export interface Keeping {
  /** Of the node's start, and its choice in that: what is greater was said later. */
  readonly incarnation: number;
  readonly number: number;
  /** The first of them that is alive tells of the members when the node dies. */
  readonly keepers: readonly string[];
}

interface Record {
  keeping: Keeping;
  readonly systems: Map<string, Groups>;
}

/**
 * Who is in which group on another node, kept for the day it dies: its members' 1002 are then told by a node that has
 * this record. Every node chooses its keepers among the others and tells them everything; all others get the same notices
 * and keep nothing. One membership takes about 100 bytes with each keeper.
 */
export class MemberRecords {
  readonly #nodes = new Map<string, Record>();

  /** From now on, with an empty record, or with the one there is. */
  keep(node: string, keeping: Keeping, isNew: boolean): void {
    const known = this.#nodes.get(node);
    if (isNew || known === undefined) this.#nodes.set(node, { keeping, systems: new Map() });
    else known.keeping = keeping;
  }

  keepingOf(node: string): Keeping | undefined {
    return this.#nodes.get(node)?.keeping;
  }

  /** The nodes whose records are kept here. */
  get nodes(): Iterable<string> {
    return this.#nodes.keys();
  }

  drop(node: string): void {
    this.#nodes.delete(node);
  }

  /** Who came or went on the node; nothing where its record is kept elsewhere. */
  note(node: string, { system, group, cid, message }: GroupNotice): void {
    const systems = this.#nodes.get(node)?.systems;
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
    if (!members.delete(cid)) return;
    if (members.size === 0) groups.delete(group);
    if (groups.size === 0) systems.delete(system);
  }

  /** The record of a node that is gone, which is kept no longer. */
  *take(node: string): Generator<LostMember> {
    const record = this.#nodes.get(node);
    this.#nodes.delete(node);
    for (const [system, groups] of record?.systems ?? []) {
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
    for (const { systems } of this.#nodes.values()) {
      for (const groups of systems.values()) for (const members of groups.values()) size += members.size;
    }
    return size;
  }
}

function labelled(member: Member): Exclude<Member, string> {
  return typeof member === 'string' ? { packedId: member, userId: '', extend: '' } : member;
}

/** Two nodes have to die with it before nobody knows its members. */
const mostKeepers = 2;

/** Who keeps a node's record: the next ones by name, in a circle; the same ones as long as they can be reached. */
export function keepersOf(self: string, others: readonly string[], now: readonly string[]): string[] {
  const sorted = others.toSorted();
  const circle = [...sorted.filter((node) => node > self), ...sorted.filter((node) => node < self)];
  const staying = now.filter((node) => circle.includes(node));
  return [...staying, ...circle.filter((node) => !staying.includes(node))].slice(0, mostKeepers);
}
