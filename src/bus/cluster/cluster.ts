import { YunqueError } from '../../api/errors.ts';
import {
  type BatchKind,
  decodeEnvelope,
  type Envelope,
  encodeEnvelope,
  UnknownEnvelope,
} from '../../wire/cluster/envelope.ts';
import { allPeers, type PeerAddress, type PeerNode, type Peers } from '../peers.ts';
import type { Membership } from './membership.ts';
import { type OnAnswer, Outgoing } from './outgoing.ts';

/** What another node says in its `Envelope`s. `onTell` must not throw; what `onAsk` throws is the asker's failure. */
export interface ClusterHandlers {
  onTell(from: PeerNode, envelope: Envelope): void;
  onAsk(from: PeerNode, envelope: Envelope): Promise<Envelope>;
  /** It can be reached from now on. `isBack`: it was cut off, is the same start of it, and knows what it knew then. */
  onJoin(node: PeerNode, isBack: boolean): void;
  /** It cannot be reached any more: absent, and maybe gone, which is told at once then. */
  onLeave(node: PeerNode): void;
  /** This start of the node is over: what is known of it is to be forgotten. Told once for each that had joined, at the latest before the next one's `onJoin`. */
  onGone(node: PeerNode): void;
}

export interface ClusterOptions {
  readonly peers: Peers;
  /** Said once for each node and thing. */
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
  /** Who is alive. Absent: whoever leaves is gone. */
  readonly membership?: Membership | undefined;
  /** Further nodes there are to be, also while they are not alive. */
  readonly expected?: readonly string[] | undefined;
  /** How long a question waits for an answer. */
  readonly deadlineMs: number;
}

export interface ClusterAnswers {
  readonly answers: ReadonlyMap<string, Envelope>;
  readonly missing: readonly string[];
}

/**
 * What nodes say to each other, with its version: the one place that packs and unpacks it. To each node everything leaves
 * in the order of the calls, batched or not. What cannot be read, or is of a newer version or an unknown type, is said
 * once, answered with a failure, and otherwise passed over.
 */
export class Cluster {
  readonly #peers: Peers;
  readonly #warn: ClusterOptions['warn'];
  readonly #deadlineMs: number;
  readonly #outgoing: Outgoing;
  readonly #membership: Membership | undefined;
  readonly #expected: readonly string[];
  #absent: readonly string[];
  /** Nodes that cannot be reached and are not gone. */
  readonly #cutOff = new Map<string, PeerNode>();
  /** Nodes that said goodbye, by their name: the incarnation. Until another start of theirs joins. */
  readonly #left = new Map<string, number>();
  readonly #warned = new Set<string>();
  #unwatch = () => {};

  constructor({ peers, warn, deadlineMs, membership, expected = [] }: ClusterOptions) {
    this.#peers = peers;
    this.#warn = warn;
    this.#deadlineMs = deadlineMs;
    this.#membership = membership;
    this.#expected = expected;
    this.#absent = this.#missing();
    this.#outgoing = new Outgoing((node, bytes, waiting) => this.#sendBatch(node, bytes, waiting));
  }

  get self(): string {
    return this.#peers.self.id;
  }

  get incarnation(): number {
    return this.#peers.self.incarnation;
  }

  /** The ids of the others that are alive. */
  get nodes(): string[] {
    return this.#peers.nodes.map(({ id }) => id);
  }

  /** The ids of those that should be there and are not: what they hold is not known. One that starts, or has said that it goes, holds nobody. */
  get absent(): readonly string[] {
    return this.#absent;
  }

  /** Whom a question concerns that is for all: of those that are absent the answer is missing. */
  get others(): string[] {
    return [...this.nodes, ...this.#absent];
  }

  get isAlone(): boolean {
    return this.#peers.nodes.length === 0;
  }

  start(handlers: ClusterHandlers): Promise<void> {
    this.#unwatch = this.#membership?.watch({ onMembers: () => this.#onMembers(handlers) }) ?? this.#unwatch;
    this.#absent = this.#missing();
    return this.#peers.start({
      onJoin: (node) => this.#onJoin(handlers, node),
      onLeave: (node) => this.#onLeave(handlers, node),
      onTell: (from, bytes) => {
        const envelope = this.#read(from.id, bytes);
        if (!(envelope instanceof YunqueError)) handlers.onTell(from, envelope);
      },
      onAsk: async (from, bytes) => encodeEnvelope(await this.#answer(handlers, from, bytes)),
    });
  }

  /** It has said that it goes, which it does when its last client has gone: it is gone as soon as it cannot be reached. */
  leaving({ id, incarnation }: PeerNode): void {
    this.#left.delete(id);
    this.#left.set(id, incarnation);
    for (const [oldest] of this.#left) if (this.#left.size > mostLeft) this.#left.delete(oldest);
  }

  /** It has said that it goes, or starts only: where it does not answer nothing is missing. */
  holdsNobody(node: string): boolean {
    if (this.#expected.includes(node)) return false;
    const member = this.#membership?.members.find(({ id }) => id === node);
    if (member === undefined) return this.#left.has(node);
    return member.isStarting === true || this.#left.get(node) === member.incarnation;
  }

  tell(node: string, envelope: Envelope): void {
    this.#outgoing.flush(node);
    this.#peers.tell(node, encodeEnvelope(envelope));
  }

  /** An envelope that is encoded already, to one or every node that is alive. */
  tellEncoded(to: PeerAddress, bytes: Buffer): void {
    if (to === allPeers) this.#outgoing.flushAll();
    else this.#outgoing.flush(to as string);
    this.#peers.tell(to, bytes);
  }

  /** It can be reached, or is only cut off. */
  mayBeAlive(node: string): boolean {
    return this.#cutOff.has(node) || this.#peers.nodes.some(({ id }) => id === node);
  }

  /** Whether this start of the node can be reached. */
  isLinked({ id, incarnation }: PeerNode): boolean {
    return this.#peers.nodes.some((node) => isSame(node, { id, incarnation }));
  }

  /** A failure of a node is among its answers. */
  async ask(nodes: readonly string[], envelope: Envelope, deadlineMs = this.#deadlineMs): Promise<ClusterAnswers> {
    if (nodes.length === 0) return { answers: new Map(), missing: [] };
    for (const node of nodes) this.#outgoing.flush(node);
    const { answers, missing } = await this.#peers.ask(nodes, encodeEnvelope(envelope), { deadlineMs });
    const read = new Map<string, Envelope>();
    for (const [node, bytes] of answers) {
      const answer = this.#read(node, bytes);
      read.set(node, answer instanceof YunqueError ? { type: 'failure', error: answer } : answer);
    }
    return { answers: read, missing: missing.filter((node) => !this.holdsNobody(node)) };
  }

  /** Sends with what else goes there in this turn. */
  tellInBatch(nodes: readonly string[], kind: BatchKind, item: Buffer): void {
    for (const node of nodes) this.#outgoing.add(node, kind, item);
  }

  /**
   * Asks with what else goes there in this turn. Resolves to the answer's item, empty where the answer has none of its own;
   * undefined where none came.
   */
  askInBatch(node: string, kind: BatchKind, item: Buffer): Promise<Buffer | undefined> {
    return new Promise((resolve) => this.#outgoing.add(node, kind, item, resolve));
  }

  async close(): Promise<void> {
    this.#outgoing.flushAll();
    this.#unwatch();
    await this.#peers.close();
  }

  #missing(): readonly string[] {
    const reached = new Set([this.self, ...this.nodes]);
    const members = (this.#membership?.members ?? []).filter(({ id }) => !this.holdsNobody(id));
    const all = new Set([...this.#expected, ...members.map(({ id }) => id)]);
    return [...all].filter((node) => !reached.has(node));
  }

  /** Where it has entered anew, and not only starts, it is the next incarnation that says whether it goes on with what this one had. */
  #isAlive({ id, incarnation }: PeerNode): boolean {
    if (this.#left.get(id) === incarnation) return false;
    const member = this.#membership?.members.find((node) => node.id === id);
    if (member === undefined) return false;
    return member.incarnation === incarnation || (member.incarnation > incarnation && member.isStarting !== true);
  }

  #onJoin(handlers: ClusterHandlers, node: PeerNode): void {
    if (this.#left.get(node.id) !== node.incarnation) this.#left.delete(node.id);
    this.#absent = this.#missing();
    const earlier = this.#cutOff.get(node.id);
    this.#cutOff.delete(node.id);
    const isBack = earlier?.incarnation === node.incarnation;
    if (earlier !== undefined && !isBack) handlers.onGone(earlier);
    handlers.onJoin(node, isBack);
  }

  #onLeave(handlers: ClusterHandlers, node: PeerNode): void {
    this.#absent = this.#missing();
    handlers.onLeave(node);
    if (this.#isAlive(node)) this.#cutOff.set(node.id, node);
    else handlers.onGone(node);
  }

  #onMembers(handlers: ClusterHandlers): void {
    this.#absent = this.#missing();
    for (const node of [...this.#cutOff.values()]) {
      if (this.#isAlive(node)) continue;
      this.#cutOff.delete(node.id);
      handlers.onGone(node);
    }
  }

  #sendBatch(node: string, bytes: Buffer, waiting: readonly (OnAnswer | undefined)[]): void {
    if (waiting.every((onAnswer) => onAnswer === undefined)) {
      this.#peers.tell(node, bytes);
      return;
    }
    this.#peers.ask([node], bytes, { deadlineMs: this.#deadlineMs }).then(
      ({ answers }) => {
        const answer = answers.get(node);
        const envelope = answer === undefined ? undefined : this.#read(node, answer);
        for (const [at, onAnswer] of waiting.entries()) onAnswer?.(itemOf(envelope, at));
      },
      () => {
        for (const onAnswer of waiting) onAnswer?.(undefined);
      },
    );
  }

  async #answer(handlers: ClusterHandlers, from: PeerNode, bytes: Buffer): Promise<Envelope> {
    const envelope = this.#read(from.id, bytes);
    if (envelope instanceof YunqueError) return { type: 'failure', error: envelope };
    try {
      return await handlers.onAsk(from, envelope);
    } catch (error) {
      if (error instanceof YunqueError) return { type: 'failure', error };
      this.#warn({ peer: from.id, err: error }, 'a question of another node failed');
      return { type: 'failure', error: new YunqueError('internal') };
    }
  }

  /** Says once that a node said something that is not understood here. */
  complain(node: string, what: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const key = `${what} of ${node}`;
    if (this.#warned.has(key) || this.#warned.size >= mostWarnings) return;
    this.#warned.add(key);
    const hint = 'run the same version on every node';
    this.#warn({ peer: node, what, hint, ...fields }, 'another node said something that is not understood here');
  }

  #read(node: string, bytes: Buffer): Envelope | YunqueError {
    try {
      return decodeEnvelope(bytes);
    } catch (error) {
      const what =
        error instanceof UnknownEnvelope ? `version ${error.version}, type ${error.typeByte}` : 'unreadable bytes';
      this.complain(node, what);
      return new YunqueError('unavailable', `${what} is not understood by node ${this.self}`);
    }
  }
}

function isSame(a: PeerNode, b: PeerNode): boolean {
  return a.id === b.id && a.incarnation === b.incarnation;
}

/** Of a node that says a thousand different things that nobody understands, no more is said. */
const mostWarnings = 1000;
/** Names of nodes are few, unless each start has another one. */
const mostLeft = 1000;
const nothing = Buffer.alloc(0);

function itemOf(envelope: Envelope | YunqueError | undefined, at: number): Buffer | undefined {
  if (envelope === undefined || envelope instanceof YunqueError || envelope.type === 'failure') return undefined;
  return envelope.type === 'batch' ? envelope.items[at] : nothing;
}
