import { noticeCodes } from '../../api/message.ts';
import type { Cluster } from '../../bus/cluster/cluster.ts';
import type { PeerNode } from '../../bus/peers.ts';
import type { Connection } from '../../registry/connection.ts';
import type { Membership } from '../../registry/system-index.ts';
import { encodeGroupNotice, type GroupNotice } from '../../wire/cluster/group-notice.ts';
import type { NodeContext } from '../node-context.ts';
import { tellMembers } from '../notices.ts';
import { keepersOf, type LostMember, MemberRecords } from './member-records.ts';
import { type News, note } from './notes.ts';
import { Returns } from './returns.ts';

/** Members of a node that is gone who are told of before the loop gets a turn, and memberships told to a new keeper. */
const perTurn = 1000;
/** Names of nodes are few, unless each start has another one. */
const mostTold = 1000;

/**
 * Who comes and goes in groups, between nodes. The node that sees it tells its own members and the other nodes, in its order;
 * each of them tells its own members: everyone once. When a node is gone, a keeper of its record does so in its place: the first that is
 * alive, and where that one dies over it, the next with those that it has not told of. Where it was only taken for dead, and comes again, it tells everyone who was told so.
 */
export class GroupNews {
  readonly #cluster: Cluster;
  readonly #node: () => NodeContext;
  readonly #records = new MemberRecords();
  #keepers: readonly string[] = [];
  #choices = 0;
  /** Nodes that are gone, of whose members another keeper is to tell. */
  readonly #orphans = new Set<string>();
  /** Nodes of which a new start has joined, and has not said yet whether it goes on with the clients of the one before. */
  readonly #replaced = new Set<string>();
  /** Nodes of whose members all have been told, with the incarnation. */
  readonly #toldOf = new Map<string, number>();
  readonly #returns: Returns;

  constructor(cluster: Cluster, node: () => NodeContext) {
    this.#cluster = cluster;
    this.#node = node;
    const members = () => this.#members();
    this.#returns = new Returns({ cluster, members, newMessageId: () => node().newMessageId() });
  }

  /** Memberships of other nodes that are kept here. */
  get kept(): number {
    return this.#records.size;
  }

  tellOthers(notice: GroupNotice): void {
    if (this.#cluster.isAlone) return;
    const nodes = this.#returns.onNotice(this.#cluster.nodes, notice);
    this.#cluster.tellInBatch(nodes, 'notices', encodeGroupNotice(notice));
  }

  onNotice(from: string, notice: GroupNotice): void {
    this.#records.note(from, notice);
    // A keeper tells of the members of another node: they are not to be told of again by the next keeper.
    if (notice.message.code === noticeCodes.offline)
      for (const node of this.#records.nodes) this.#records.note(node, notice);
    if (notice.silent) return;
    const node = this.#node();
    const group = node.registry.system(notice.system)?.groups.get(notice.group);
    if (group !== undefined) void tellMembers(node, notice.system, group, notice.message);
  }

  onKeep(from: PeerNode, said: News['keepMembers']): void {
    const { number, keepers, isNew } = said ?? { number: 1, keepers: [this.#cluster.self], isNew: true };
    const keeping = { incarnation: from.incarnation, number, keepers };
    this.#records.keep(from.id, keeping, isNew);
    for (const node of this.#cluster.nodes) {
      if (node !== from.id) this.#cluster.tell(node, note('membersKept', { node: from.id, ...keeping }));
    }
  }

  /** A node that was cut off keeps its record no longer where others have been chosen meanwhile. */
  onKept(from: string, { node, incarnation, number, keepers }: News['membersKept']): void {
    if (node === from) this.#returns.onNothingTold(from);
    const known = this.#records.keepingOf(node);
    if (known === undefined || keepers.includes(this.#cluster.self)) return;
    const isLater = incarnation > known.incarnation || (incarnation === known.incarnation && number > known.number);
    if (isLater) this.#records.drop(node);
  }

  /** Another keeper has told of all members of a node that is gone; or of this one's, which was taken for dead. */
  onMembersTold(from: string, { node, incarnation }: News['membersTold']): void {
    if (node === this.#cluster.self) {
      if (this.#node().notices) this.#returns.onTold(from, incarnation);
      return;
    }
    this.#rememberTold(node, incarnation);
    this.#orphans.delete(node);
    if (this.#records.keepingOf(node)?.incarnation === incarnation) this.#records.drop(node);
  }

  onJoin(peer: PeerNode): void {
    const { id: node } = peer;
    this.#returns.onJoin(peer);
    this.#sayTold(node);
    this.#chooseKeepers();
    const { self, incarnation } = this.#cluster;
    const own = { node: self, incarnation, number: this.#choices, keepers: this.#keepers };
    this.#cluster.tell(node, note('membersKept', own));
    for (const kept of this.#records.nodes) {
      const keeping = this.#records.keepingOf(kept);
      if (keeping !== undefined) this.#cluster.tell(node, note('membersKept', { node: kept, ...keeping }));
    }
  }

  /** It cannot be reached: what happens from now on it does not learn. */
  onLeave(node: string): void {
    this.#returns.onLeave(node);
    this.#keepers = this.#keepers.filter((keeper) => keeper !== node);
    this.#chooseKeepers();
  }

  onGone(node: string): void {
    const { nodes } = this.#cluster;
    this.#replaced.delete(node);
    if (this.#records.keepingOf(node) !== undefined) (nodes.includes(node) ? this.#replaced : this.#orphans).add(node);
    for (const orphan of [...this.#orphans]) this.#tellIfFirst(orphan);
  }

  /** Clients of an earlier start are those of this one where it is the same process; else they are gone. */
  onHello({ id, incarnation }: PeerNode, { since = incarnation }: News['hello']): void {
    const isReplaced = this.#replaced.delete(id);
    const known = this.#records.keepingOf(id)?.incarnation;
    if (known === undefined || known >= incarnation) return;
    if (since <= known) {
      this.#orphans.delete(id);
      this.#records.drop(id);
    } else if (isReplaced) {
      this.#orphans.add(id);
      this.#tellIfFirst(id);
    }
  }

  #tellIfFirst(orphan: string): void {
    const keeping = this.#records.keepingOf(orphan);
    if (keeping === undefined) return;
    const { keepers, incarnation } = keeping;
    const before = keepers.slice(0, Math.max(0, keepers.indexOf(this.#cluster.self)));
    if (before.some((keeper) => this.#cluster.mayBeAlive(keeper))) return;
    this.#orphans.delete(orphan);
    this.#tellOf(this.#records.take(orphan), () => {
      this.#rememberTold(orphan, incarnation);
      for (const node of this.#cluster.nodes.filter((each) => each !== orphan)) {
        this.#cluster.tell(node, note('membersTold', { node: orphan, incarnation }));
      }
    });
  }

  #rememberTold(node: string, incarnation: number): void {
    this.#toldOf.set(node, Math.max(incarnation, this.#toldOf.get(node) ?? 0));
    for (const [oldest] of this.#toldOf) if (this.#toldOf.size > mostTold) this.#toldOf.delete(oldest);
    this.#sayTold(node);
  }

  /** To a node that was taken for dead, where it is there: everything that was told here of its end has been. */
  #sayTold(node: string): void {
    const incarnation = this.#toldOf.get(node);
    if (incarnation !== undefined) this.#cluster.tell(node, note('membersTold', { node, incarnation }));
  }

  #chooseKeepers(): void {
    const keepers = keepersOf(this.#cluster.self, this.#cluster.nodes, this.#keepers);
    if (keepers.join('\n') === this.#keepers.join('\n')) return;
    const before = this.#keepers;
    this.#keepers = keepers;
    this.#choices += 1;
    for (const keeper of keepers) {
      const isNew = !before.includes(keeper);
      this.#cluster.tell(keeper, note('keepMembers', { number: this.#choices, keepers, isNew }));
      if (isNew) this.#tellKeeper(keeper, this.#members());
    }
  }

  /** Silent, and in between what happens meanwhile: a member that came is recorded once, one that went is told no more. */
  #tellKeeper(keeper: string, members: Generator<GroupNotice>): void {
    for (let told = 0; told < perTurn; told += 1) {
      const { value: notice } = members.next();
      if (notice === undefined) return;
      this.#cluster.tellInBatch([keeper], 'notices', encodeGroupNotice(notice));
    }
    setImmediate(() => {
      if (this.#keepers.includes(keeper)) this.#tellKeeper(keeper, members);
    });
  }

  *#members(): Generator<GroupNotice, undefined> {
    const { registry } = this.#node();
    for (const { id: system, members } of registry.systems) {
      for (const connection of members.connections()) {
        for (const [group, membership] of connection.groups ?? []) {
          yield this.#cameNotice(system, group.name, connection, membership);
        }
      }
    }
    return undefined;
  }

  #cameNotice(system: string, group: string, connection: Connection, { userId, extend }: Membership): GroupNotice {
    const clientId = this.#node().registry.clientIdOf(connection);
    const message = { kind: 'notice', messageId: '', code: noticeCodes.online, clientId, userId, extend } as const;
    return { system, group, cid: connection.cid, message, silent: true };
  }

  #tellOf(lost: Iterator<LostMember>, whenTold: () => void): void {
    const node = this.#node();
    for (let told = 0; told < perTurn; told += 1) {
      const { value, done } = lost.next();
      if (done === true) {
        whenTold();
        return;
      }
      if (!node.notices) continue;
      const { system, group, cid, clientId, userId, extend } = value;
      const messageId = node.newMessageId();
      const message = { kind: 'notice', messageId, code: noticeCodes.offline, clientId, userId, extend } as const;
      const notice = { system, group, cid, message, silent: false };
      this.tellOthers(notice);
      this.onNotice(this.#cluster.self, notice);
    }
    setImmediate(() => this.#tellOf(lost, whenTold));
  }
}
