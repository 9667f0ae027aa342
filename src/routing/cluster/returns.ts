import { noticeCodes } from '../../api/message.ts';
import type { Cluster } from '../../bus/cluster/cluster.ts';
import type { PeerNode } from '../../bus/peers.ts';
import { encodeGroupNotice, type GroupNotice } from '../../wire/cluster/group-notice.ts';

export interface ReturnsOptions {
  readonly cluster: Cluster;
  /** The memberships of this node, each as a silent 1001. */
  readonly members: () => Generator<GroupNotice, undefined>;
  readonly newMessageId: () => string;
}

/** Members told of before the loop gets a turn. */
const perTurn = 1000;

/** `held`: for as long as it has not said what it believes. `told`: members that it knows to be here. */
type Return =
  | { readonly phase: 'asking'; readonly held: GroupNotice[] }
  | { readonly phase: 'telling'; readonly told: Set<string> };

/**
 * The way back of a node that was taken for dead: members on nodes that were told of the end of its clients (1002) are told that they are
 * there (1001), and on the others nothing. Each node says for itself what it was told, so what it hears of one client takes turns.
 */
export class Returns {
  readonly #options: ReturnsOptions;
  /** The first incarnation of this process. */
  readonly #since: number;
  readonly #nodes = new Map<string, Return>();
  /** The latest incarnation of this node whose end a node spoke of, and which it was answered for. */
  readonly #answered = new Map<string, number>();

  constructor(options: ReturnsOptions) {
    this.#options = options;
    this.#since = options.cluster.incarnation;
  }

  onJoin({ id, version }: PeerNode): void {
    // One of version 1 does not say what it believes.
    if (this.#options.cluster.incarnation === this.#since || version === 1) return;
    this.#nodes.set(id, { phase: 'asking', held: [] });
  }

  onLeave(node: string): void {
    this.#nodes.delete(node);
  }

  /** The node has said all that it says first, and nothing of an end: it believes what it believed. */
  onNothingTold(node: string): void {
    const known = this.#nodes.get(node);
    if (known?.phase !== 'asking') return;
    this.#nodes.delete(node);
    for (const notice of known.held) this.#send(node, notice);
  }

  /** The members on the node were told that all clients of that incarnation have gone. */
  onTold(node: string, incarnation: number): void {
    const { cluster, members } = this.#options;
    if (incarnation < this.#since || incarnation >= cluster.incarnation) return;
    if ((this.#answered.get(node) ?? 0) >= incarnation) return;
    this.#answered.set(node, incarnation);
    const known = this.#nodes.get(node);
    // They had gone already, or come: what is there now is told of.
    if (known?.phase === 'asking') for (const notice of known.held) this.#send(node, { ...notice, silent: true });
    const telling: Return = { phase: 'telling', told: new Set() };
    this.#nodes.set(node, telling);
    this.#tellTurn(node, telling, members());
  }

  /** What happens meanwhile. Answers the nodes that are to be told of it as usual. */
  onNotice(nodes: readonly string[], notice: GroupNotice): readonly string[] {
    if (this.#nodes.size === 0) return nodes;
    return nodes.filter((node) => {
      const known = this.#nodes.get(node);
      if (known === undefined) return true;
      if (known.phase === 'asking') {
        known.held.push(notice);
        return false;
      }
      const key = keyOf(notice);
      if (notice.message.code === noticeCodes.online) {
        known.told.add(key);
        return true;
      }
      if (known.told.delete(key)) return true;
      // It believes so already: only for its record.
      this.#send(node, { ...notice, silent: true });
      return false;
    });
  }

  #tellTurn(node: string, telling: Return & { phase: 'telling' }, members: Generator<GroupNotice, undefined>): void {
    for (let told = 0; told < perTurn; told += 1) {
      const { value: notice } = members.next();
      if (notice === undefined) {
        this.#nodes.delete(node);
        return;
      }
      const key = keyOf(notice);
      if (telling.told.has(key)) continue;
      telling.told.add(key);
      const message = { ...notice.message, messageId: this.#options.newMessageId() };
      this.#send(node, { ...notice, message, silent: false });
    }
    setImmediate(() => {
      if (this.#nodes.get(node) === telling) this.#tellTurn(node, telling, members);
    });
  }

  #send(node: string, notice: GroupNotice): void {
    this.#options.cluster.tellInBatch([node], 'notices', encodeGroupNotice(notice));
  }
}

/** A cid is of one system. */
function keyOf({ cid, group }: GroupNotice): string {
  return `${cid} ${group}`;
}
