import { allPeers, type PeerAddress, type PeerAnswers, type PeerHandlers, type PeerNode, type Peers } from './peers.ts';

/** One thing on its way between two nodes. */
type Parcel =
  | { readonly type: 'tell'; readonly bytes: Buffer }
  | { readonly type: 'ask'; readonly bytes: Buffer; readonly answer: (bytes: Buffer | undefined) => void }
  | { readonly type: 'answer'; readonly give: () => void };

/** What is sent keeps its order; answers go past it, as they may. */
export type MemoryLane = 'sent' | 'answers';

/** What waits from one node to another. */
export interface MemoryLink {
  readonly from: string;
  readonly to: string;
  readonly lane: MemoryLane;
  readonly waiting: number;
}

interface Link {
  readonly from: MemoryPeers;
  readonly to: MemoryPeers;
  readonly parcels: Record<MemoryLane, Parcel[]>;
  held: boolean;
}

const lanes = ['sent', 'answers'] as const satisfies readonly MemoryLane[];

/**
 * Where the memory peers of one process meet. By itself it delivers in the next turn of the loop; a test may hold links and
 * deliver parcel by parcel in an order of its own, cut links, and kill nodes.
 */
export class MemoryPeerHub {
  readonly #members = new Map<string, MemoryPeers>();
  readonly #links = new Map<string, Link>();
  #holdAll = false;
  #pumping = false;

  /** Lanes with something on its way, oldest link first. */
  get waiting(): MemoryLink[] {
    return [...this.#links.values()].flatMap(({ from, to, parcels }) =>
      lanes
        .filter((lane) => parcels[lane].length > 0)
        .map((lane) => ({ from: from.self.id, to: to.self.id, lane, waiting: parcels[lane].length })),
    );
  }

  /** From now on nothing moves, on this link or on all, until `release` or by `step`. */
  hold(from?: string, to?: string): void {
    if (from === undefined || to === undefined) this.#holdAll = true;
    const link = this.#links.get(linkKey(from ?? '', to ?? ''));
    if (link !== undefined) link.held = true;
  }

  release(): void {
    this.#holdAll = false;
    for (const link of this.#links.values()) link.held = false;
    this.#pump();
  }

  /** Delivers the first parcel of a link's lane; false when it has none. */
  step(from: string, to: string, lane: MemoryLane = 'sent'): boolean {
    const link = this.#links.get(linkKey(from, to));
    const parcel = link?.parcels[lane].shift();
    if (link === undefined || parcel === undefined) return false;
    link.to.receive(link.from.self, parcel);
    return true;
  }

  /** Loses what is on its way on a link. */
  lose(from: string, to: string): void {
    const link = this.#links.get(linkKey(from, to));
    for (const lane of lanes) if (link !== undefined) link.parcels[lane] = [];
  }

  /** Ends the connection between two nodes: each reports that the other has left. */
  cut(a: string, b: string): void {
    const [one, other] = [this.#members.get(a), this.#members.get(b)];
    if (one === undefined || other === undefined) return;
    this.#links.delete(linkKey(a, b));
    this.#links.delete(linkKey(b, a));
    one.left(other.self);
    other.left(one.self);
  }

  /** Connects two nodes that were cut. */
  mend(a: string, b: string): void {
    const [one, other] = [this.#members.get(a), this.#members.get(b)];
    if (one !== undefined && other !== undefined) this.#connect(one, other);
  }

  /** The node is gone without a word, and the others notice. */
  kill(id: string): void {
    const member = this.#members.get(id);
    if (member === undefined) return;
    this.#members.delete(id);
    member.stop();
    for (const other of this.#members.values()) {
      this.#links.delete(linkKey(id, other.self.id));
      this.#links.delete(linkKey(other.self.id, id));
      other.left(member.self);
    }
  }

  /** For MemoryPeers. */
  enter(member: MemoryPeers): void {
    this.kill(member.self.id);
    const others = [...this.#members.values()];
    this.#members.set(member.self.id, member);
    for (const other of others) this.#connect(other, member);
  }

  /** For MemoryPeers. All its links end, and are made anew after the change. */
  reconnect(member: MemoryPeers, change: () => void): void {
    const { id } = member.self;
    const others = [...this.#members.keys()].filter((other) => other !== id);
    for (const other of others) this.cut(id, other);
    change();
    for (const other of others) this.mend(id, other);
  }

  /** For MemoryPeers. False when there is no such link. */
  send(from: PeerNode, to: string, parcel: Parcel): boolean {
    const link = this.#links.get(linkKey(from.id, to));
    if (link === undefined || link.from.self !== from) return false;
    link.parcels[parcel.type === 'answer' ? 'answers' : 'sent'].push(parcel);
    this.#pump();
    return true;
  }

  #connect(one: MemoryPeers, other: MemoryPeers): void {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      this.#links.set(linkKey(from.self.id, to.self.id), { from, to, parcels: { sent: [], answers: [] }, held: false });
    }
    one.joined(other.self);
    other.joined(one.self);
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      for (const link of [...this.#links.values()]) {
        for (const lane of lanes) {
          for (let left = link.parcels[lane].length; left > 0 && !this.#holdAll && !link.held; left -= 1) {
            this.step(link.from.self.id, link.to.self.id, lane);
          }
        }
      }
    });
  }
}

function linkKey(from: string, to: string): string {
  return `${from.length}:${from}:${to}`;
}

/** The peers of a node whose others live in the same process, and the reference for the other implementations. */
export class MemoryPeers implements Peers {
  readonly #hub: MemoryPeerHub;
  #self: PeerNode;
  readonly #nodes = new Map<string, PeerNode>();
  /** Ends each question that waits for an answer of a node. */
  readonly #awaited = new Map<string, Set<() => void>>();
  #handlers: PeerHandlers | undefined;

  constructor(hub: MemoryPeerHub, self: PeerNode) {
    this.#hub = hub;
    this.#self = self;
  }

  get self(): PeerNode {
    return this.#self;
  }

  /** As `RpcPeers.reenter`. */
  reenter(incarnation: number): void {
    this.#hub.reconnect(this, () => {
      this.#self = { id: this.#self.id, incarnation };
    });
  }

  get nodes(): readonly PeerNode[] {
    return [...this.#nodes.values()];
  }

  async start(handlers: PeerHandlers): Promise<void> {
    this.#handlers = handlers;
    this.#hub.enter(this);
  }

  tell(to: PeerAddress, bytes: Buffer): void {
    for (const id of to === allPeers ? [...this.#nodes.keys()] : [to]) {
      this.#hub.send(this.self, id, { type: 'tell', bytes });
    }
  }

  async ask(
    to: readonly string[] | typeof allPeers,
    bytes: Buffer,
    { deadlineMs }: { deadlineMs: number },
  ): Promise<PeerAnswers> {
    const ids = to === allPeers ? [...this.#nodes.keys()] : [...new Set(to)];
    const answers = new Map<string, Buffer>();
    const asked = ids.map(async (id) => {
      const answer = await this.#askOne(id, bytes, deadlineMs);
      if (answer !== undefined) answers.set(id, answer);
    });
    await Promise.all(asked);
    return { answers, missing: ids.filter((id) => !answers.has(id)) };
  }

  async close(): Promise<void> {
    if (this.#handlers !== undefined) this.#hub.kill(this.self.id);
    this.stop();
  }

  /** For the hub, as the three below. */
  stop(): void {
    this.#handlers = undefined;
    for (const node of this.nodes) this.left(node);
  }

  joined(node: PeerNode): void {
    this.#nodes.set(node.id, node);
    this.#handlers?.onJoin(node);
  }

  left(node: PeerNode): void {
    if (!this.#nodes.delete(node.id)) return;
    const awaited = this.#awaited.get(node.id) ?? [];
    this.#awaited.delete(node.id);
    for (const giveUp of awaited) giveUp();
    this.#handlers?.onLeave(node);
  }

  receive(from: PeerNode, parcel: Parcel): void {
    const handlers = this.#handlers;
    if (handlers === undefined) return;
    if (parcel.type === 'tell') handlers.onTell(from, parcel.bytes);
    else if (parcel.type === 'answer') parcel.give();
    else {
      handlers.onAsk(from, parcel.bytes).then(
        (bytes) => parcel.answer(bytes),
        () => parcel.answer(undefined),
      );
    }
  }

  #askOne(id: string, bytes: Buffer, deadlineMs: number): Promise<Buffer | undefined> {
    const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
    const giveUp = () => resolve(undefined);
    const to = this.#hub;
    const answered = this.self;
    const sent = to.send(this.self, id, {
      type: 'ask',
      bytes,
      answer: (answer) => {
        const from = this.#nodes.get(id);
        if (from !== undefined) to.send(from, answered.id, { type: 'answer', give: () => resolve(answer) });
      },
    });
    if (!sent) return Promise.resolve(undefined);
    const awaited = this.#awaited.get(id) ?? new Set();
    this.#awaited.set(id, awaited.add(giveUp));
    const timer = setTimeout(giveUp, deadlineMs);
    return promise.finally(() => {
      clearTimeout(timer);
      awaited.delete(giveUp);
    });
  }
}
