import { noticeCodes } from '../../api/message.ts';
import type { Cluster } from '../../bus/cluster/cluster.ts';
import type { Connection } from '../../registry/connection.ts';
import type { Membership } from '../../registry/system-index.ts';
import { encodeGroupNotice, type GroupNotice } from '../../wire/cluster/group-notice.ts';
import type { NodeContext } from '../node-context.ts';
import { tellMembers } from '../notices.ts';
import { keeperOf, type LostMember, MemberRecords } from './member-records.ts';
import { note } from './notes.ts';

/** Members of a node that is gone who are told of before the loop gets a turn, and memberships told to a new keeper. */
const perTurn = 1000;

/**
 * Who comes and goes in groups, between nodes. The node that sees it tells its own members and the other nodes, in its order;
 * each of them tells its own members: everyone once. When a node dies, the keeper of its record does so in its place.
 */
export class GroupNews {
  readonly #cluster: Cluster;
  readonly #node: () => NodeContext;
  readonly #records = new MemberRecords();
  #keeper: string | undefined;

  constructor(cluster: Cluster, node: () => NodeContext) {
    this.#cluster = cluster;
    this.#node = node;
  }

  /** Memberships of other nodes that are kept here. */
  get kept(): number {
    return this.#records.size;
  }

  tellOthers(notice: GroupNotice): void {
    if (!this.#cluster.isAlone) this.#cluster.tellInBatch(this.#cluster.nodes, 'notices', encodeGroupNotice(notice));
  }

  onNotice(from: string, notice: GroupNotice): void {
    this.#records.note(from, notice);
    if (notice.silent) return;
    const node = this.#node();
    const group = node.registry.system(notice.system)?.groups.get(notice.group);
    if (group !== undefined) void tellMembers(node, group, notice.message);
  }

  onKeep(from: string): void {
    this.#records.keep(from);
  }

  onJoin(): void {
    this.#chooseKeeper();
  }

  onLeave(node: string): void {
    if (this.#keeper === node) this.#keeper = undefined;
    this.#chooseKeeper();
    this.#tellOf(this.#records.take(node));
  }

  #chooseKeeper(): void {
    if (this.#keeper !== undefined) return;
    const keeper = keeperOf(this.#cluster.self, this.#cluster.nodes);
    if (keeper === undefined) return;
    this.#keeper = keeper;
    this.#cluster.tell(keeper, note('keepMembers', null));
    this.#tellKeeper(keeper, this.#members());
  }

  /** Silent, and in between what happens meanwhile: a member that came is recorded once, one that went is told no more. */
  #tellKeeper(keeper: string, members: Generator<GroupNotice>): void {
    for (let told = 0; told < perTurn; told += 1) {
      const { value: notice } = members.next();
      if (notice === undefined) return;
      this.#cluster.tellInBatch([keeper], 'notices', encodeGroupNotice(notice));
    }
    setImmediate(() => {
      if (this.#keeper === keeper) this.#tellKeeper(keeper, members);
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

  #tellOf(lost: Iterator<LostMember>): void {
    const node = this.#node();
    for (let told = 0; told < perTurn; told += 1) {
      const { value, done } = lost.next();
      if (done === true) return;
      if (!node.notices) continue;
      const { system, group, cid, clientId, userId, extend } = value;
      const messageId = node.newMessageId();
      const message = { kind: 'notice', messageId, code: noticeCodes.offline, clientId, userId, extend } as const;
      const notice = { system, group, cid, message, silent: false };
      this.tellOthers(notice);
      this.onNotice(this.#cluster.self, notice);
    }
    setImmediate(() => this.#tellOf(lost));
  }
}
