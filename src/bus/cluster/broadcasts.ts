import type { YunqueError } from '../../api/errors.ts';
import { type Broadcast, decodeEnvelope, encodeEnvelope } from '../../wire/cluster/envelope.ts';
import type { RemoteReceipt } from '../../wire/cluster/receipt.ts';
import { decodeBroadcastReceipt } from '../../wire/cluster/receipt.ts';
import type { Bus } from '../bus.ts';
import { allPeers, type PeerNode } from '../peers.ts';
import type { Cluster } from './cluster.ts';
import { Incoming } from './incoming.ts';
import { Sent } from './sent.ts';

/** In milliseconds. */
export interface BroadcastTimes {
  /** A bus that has not confirmed a broadcast by then is taken for one that does not work. */
  readonly confirmMs: number;
  /** Who has not answered by then is missing. */
  readonly deadlineMs: number;
  readonly askAfterMs: number;
  readonly giveUpAfterMs: number;
  /** How often all of these are looked at, while there is something to look at. */
  readonly tickMs: number;
}

export const usualTimes: BroadcastTimes = {
  confirmMs: 1000,
  deadlineMs: 2000,
  askAfterMs: 50,
  giveUpAfterMs: 500,
  tickMs: 50,
};

export interface BroadcastsOptions {
  readonly cluster: Cluster;
  readonly bus: Bus;
  /** Nodes that have said that they do not hear the bus. */
  readonly deaf: () => readonly string[];
  readonly times: BroadcastTimes;
  /** Does a push of another node. Called in the order in which each node sent them. */
  readonly onPush: (
    origin: PeerNode,
    push: Buffer,
    place: { readonly broadcast: number; readonly place: number },
  ) => void;
  /** Says to a node which number comes next here, or which numbers of its own did not come. */
  readonly tellNext: (node: string, next: number) => void;
  readonly tellHole: (node: string, hole: Hole) => void;
}

/** Numbers of one start of a node, `to` not among them. */
export interface Hole {
  readonly incarnation: number;
  readonly from: number;
  readonly to: number;
}

/** What each node that answered said; who is not in it did not answer. */
export type Receipts = ReadonlyMap<string, RemoteReceipt | YunqueError>;

export interface BroadcastFigures {
  /** Broadcasts of this node, and of those the ones that went to the peers because the bus did not take them. */
  readonly sent: number;
  readonly fallbacks: number;
  /** Copies for nodes that do not hear the bus, told to each of them. */
  readonly direct: number;
  /** Sent again to a node that said it had not come. */
  readonly repeated: number;
  readonly received: number;
  readonly duplicates: number;
  readonly gaps: number;
  readonly stale: number;
}

interface Open {
  readonly pushes: Buffer[];
  readonly awaited: (readonly string[])[];
  readonly resolve: ((receipts: Receipts) => void)[];
  bytes: number;
}

/** A broadcast leaves before it is larger than this, but for one push that is. */
const largestBytes = 256 * 1024;
const mostHeldBytes = 16 * 1024 * 1024;

/**
 * Pushes for everybody, numbered: over the bus, and over the peers with the same number where the bus does not take them. Every node does each
 * of them once, in the order of its origin, and answers over the peers.
 */
export class Broadcasts {
  readonly #options: BroadcastsOptions;
  readonly #incoming: Incoming;
  #sent: Sent;
  #open: Open | undefined;
  /** Broadcasts that the bus has neither confirmed nor refused yet, oldest first. */
  readonly #unconfirmed = new Set<{ readonly bytes: Buffer; readonly givenAt: number; isLate: boolean }>();
  /** Of those, the ones that have not been confirmed in time. */
  #late = 0;
  #timer: NodeJS.Timeout | undefined;
  #figures = { sent: 0, fallbacks: 0, direct: 0, repeated: 0 };
  #isClosed = false;

  constructor(options: BroadcastsOptions) {
    this.#options = options;
    const { cluster, times } = options;
    this.#sent = new Sent(cluster.incarnation);
    this.#incoming = new Incoming({
      self: cluster.self,
      onBroadcast: (broadcast) => this.#do(broadcast),
      onHole: ({ id, incarnation }, from, to) => options.tellHole(id, { incarnation, from, to }),
      ...times,
      mostBytes: mostHeldBytes,
      now: () => performance.now(),
    });
  }

  get figures(): BroadcastFigures {
    return { ...this.#figures, ...this.#incoming.figures };
  }

  /** Why broadcasts go over the peers now; undefined: they go over the bus. */
  get failure(): string | undefined {
    if (this.#options.bus.failure !== undefined) return this.#options.bus.failure;
    return this.#late > 0 ? 'broadcasts are not confirmed in time' : undefined;
  }

  /** The number that comes next, for a node that has joined. */
  get next(): number {
    this.#flush();
    this.#beginAnew();
    return this.#sent.next;
  }

  async start(): Promise<void> {
    await this.#options.bus.start((bytes) => this.#onBus(bytes));
  }

  /**
   * A push that all nodes are to do. Leaves with the others of this turn; resolves when those that are awaited have answered, are gone, or are
   * late. After `close` nobody is waited for.
   */
  send(push: Buffer, awaited: readonly string[]): Promise<Receipts> {
    const { promise, resolve } = Promise.withResolvers<Receipts>();
    if (this.#open !== undefined && this.#open.bytes + push.length > largestBytes) this.#flush();
    if (this.#open === undefined) {
      this.#open = { pushes: [], awaited: [], resolve: [], bytes: 0 };
      setImmediate(() => this.#flush());
    }
    this.#open.pushes.push(push);
    this.#open.awaited.push(awaited);
    this.#open.resolve.push(resolve);
    this.#open.bytes += push.length;
    return promise;
  }

  /** Of a peer, or over the bus. */
  receive(broadcast: Broadcast): void {
    this.#incoming.receive(broadcast);
    if (this.#incoming.isWaiting) this.#watch();
  }

  onReceipt(from: string, item: Buffer): void {
    const { broadcast, place, receipt } = decodeBroadcastReceipt(item);
    this.#sent.answered(broadcast, place, from, receipt);
  }

  /** Which number a node gives next. */
  onNext(node: PeerNode, next: number): void {
    this.#incoming.learn(node, next);
    if (this.#incoming.isWaiting) this.#watch();
  }

  /** A node has not got what this one sent. */
  onHole(from: string, { incarnation, from: first, to }: Hole): void {
    if (incarnation !== this.#sent.incarnation) return;
    for (const bytes of this.#sent.between(first, to)) {
      this.#figures.repeated += 1;
      this.#options.cluster.tellEncoded(from, bytes);
    }
  }

  /** It cannot answer any more. */
  onLeave(node: string): void {
    this.#sent.forget(node);
  }

  /** This start of the node is over. */
  onGone(node: PeerNode): void {
    this.#incoming.onGone(node);
  }

  async close(): Promise<void> {
    this.#flush();
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#sent.giveUp(Number.POSITIVE_INFINITY);
    await this.#options.bus.close();
  }

  #flush(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const { cluster } = this.#options;
    this.#beginAnew();
    const { incarnation, next: number } = this.#sent;
    const bytes = encodeEnvelope({ type: 'broadcast', origin: cluster.self, incarnation, number, pushes: open.pushes });
    const linked = new Set(cluster.nodes);
    this.#sent.add({
      bytes,
      sentAt: performance.now(),
      pushes: open.awaited.map((awaited, at) => {
        const waiting = new Set(awaited.filter((node) => linked.has(node)));
        return { waiting, receipts: new Map(), resolve: open.resolve[at] as (receipts: Receipts) => void };
      }),
    });
    this.#figures.sent += 1;
    this.#give(bytes);
    if (this.#isClosed) this.#sent.giveUp(Number.POSITIVE_INFINITY);
    else this.#watch();
  }

  /** A node whose lease had ended numbers from 1 again, as another start of it. */
  #beginAnew(): void {
    const { incarnation } = this.#options.cluster;
    if (this.#sent.incarnation === incarnation) return;
    this.#sent.giveUp(Number.POSITIVE_INFINITY);
    this.#sent = new Sent(incarnation);
  }

  #give(bytes: Buffer): void {
    if (this.failure !== undefined || this.#isClosed) {
      this.#fallBack(bytes);
      return;
    }
    const given = { bytes, givenAt: performance.now(), isLate: false };
    this.#unconfirmed.add(given);
    const settled = () => {
      this.#unconfirmed.delete(given);
      if (given.isLate) this.#late -= 1;
    };
    this.#options.bus.broadcast(bytes).then(settled, () => {
      settled();
      if (!given.isLate) this.#fallBack(bytes);
    });
    for (const node of this.#options.deaf()) {
      this.#figures.direct += 1;
      this.#options.cluster.tellEncoded(node, bytes);
    }
  }

  #takeOver(givenBefore: number): void {
    for (const given of this.#unconfirmed) {
      if (given.givenAt > givenBefore) break;
      if (given.isLate) continue;
      given.isLate = true;
      this.#late += 1;
      this.#fallBack(given.bytes);
    }
  }

  #fallBack(bytes: Buffer): void {
    this.#figures.fallbacks += 1;
    this.#options.cluster.tellEncoded(allPeers, bytes);
  }

  #onBus(bytes: Buffer): void {
    try {
      const envelope = decodeEnvelope(bytes);
      if (envelope.type === 'broadcast') this.receive(envelope);
      else this.#options.cluster.complain('on the bus', envelope.type);
    } catch (error) {
      this.#options.cluster.complain('on the bus', 'unreadable bytes', { err: error });
    }
  }

  #do({ origin, incarnation, number, pushes }: Broadcast): void {
    for (const [place, push] of pushes.entries()) {
      this.#options.onPush({ id: origin, incarnation }, push, { broadcast: number, place });
    }
  }

  /** One timer for all that waits, and none where nothing does. */
  #watch(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setInterval(() => this.#tick(), this.#options.times.tickMs).unref();
  }

  #tick(): void {
    const { times, tellNext } = this.#options;
    this.#incoming.sweep();
    const now = performance.now();
    this.#takeOver(now - times.confirmMs);
    for (const node of this.#sent.silentSince(now - times.confirmMs)) tellNext(node, this.#sent.next);
    this.#sent.giveUp(now - times.deadlineMs);
    if (!this.#incoming.isWaiting && this.#sent.isEmpty && this.#unconfirmed.size === this.#late) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }
}
