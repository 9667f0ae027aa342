import { setTimeout as sleep } from 'node:timers/promises';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { backOffMs } from '../../util/back-off.ts';
import {
  allPeers,
  type PeerAddress,
  type PeerAnswers,
  type PeerHandlers,
  type PeerNode,
  type Peers,
} from '../peers.ts';
import { acceptedStream, dialStream, type Frame, type FrameStream, linkMethod, serverOptions } from './frame-stream.ts';
import { acceptHandshake, dialHandshake } from './handshake.ts';
import { Link } from './link.ts';
import type { RpcMembers, RpcNode } from './members.ts';
import { type Item, type Parcel, parcelKinds } from './parcels.ts';
import { Questions } from './questions.ts';

export interface RpcPeersOptions {
  readonly self: PeerNode;
  /** All nodes have it, and nobody else. */
  readonly secret: Buffer;
  /** An address of this machine. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly members: RpcMembers;
}

/** Nodes that are listed and cannot be reached hold up a start no longer. */
const startMs = 3000;
const goodbyeMs = 500;
const dialAgain = { firstMs: 50, mostMs: 2000 };

/**
 * Peers over gRPC: one stream for each pair of nodes, dialled by the one that started later. What is sent in one turn of the
 * loop leaves in one frame. Not encrypted: for loopback.
 */
export class RpcPeers implements Peers {
  readonly self: PeerNode;
  readonly #options: RpcPeersOptions;
  readonly #server = new Server(serverOptions);
  readonly #links = new Map<string, { link: Link; stream: FrameStream }>();
  readonly #dials = new Map<string, Dial>();
  readonly #questions = new Questions();
  #members: readonly RpcNode[] = [];
  #handlers: PeerHandlers | undefined;
  #port = 0;
  #onLinked = () => {};

  constructor(options: RpcPeersOptions) {
    this.#options = options;
    this.self = options.self;
  }

  get nodes(): readonly PeerNode[] {
    return [...this.#links.values()].map(({ link }) => link.node);
  }

  /** Where it listens, once `listen` or `start` has resolved. */
  get port(): number {
    return this.#port;
  }

  /** Opens the port, for those who have to know it before the start. Rejects where it cannot be opened. */
  async listen(): Promise<void> {
    this.#server.addService(
      { link: linkMethod },
      { link: (call: ServerDuplexStream<Frame, Frame>) => this.#accept(call) },
    );
    this.#port = await this.#bind();
  }

  async start(handlers: PeerHandlers): Promise<void> {
    const { host, members } = this.#options;
    if (this.#port === 0) await this.listen();
    this.#handlers = handlers;
    members.watch((nodes) => this.#follow(nodes));
    this.#follow(await members.enter({ ...this.self, host, port: this.#port }));
    const linked = new Promise<void>((resolve) => {
      this.#onLinked = () => {
        if (this.#members.every((node) => this.#isLinked(node))) resolve();
      };
      this.#onLinked();
    });
    const late = new AbortController();
    await Promise.race([linked, sleep(startMs, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
  }

  tell(to: PeerAddress, bytes: Buffer): void {
    for (const id of to === allPeers ? [...this.#links.keys()] : [to]) {
      this.#links.get(id)?.link.send({ kind: parcelKinds.tell, id: 0, bytes });
    }
  }

  async ask(
    to: readonly string[] | typeof allPeers,
    bytes: Buffer,
    { deadlineMs }: { deadlineMs: number },
  ): Promise<PeerAnswers> {
    const ids = to === allPeers ? [...this.#links.keys()] : [...new Set(to)];
    const answers = new Map<string, Buffer>();
    const asked = ids.map(async (node) => {
      const link = this.#links.get(node)?.link;
      if (link === undefined) return;
      const send = (id: number) => link.send({ kind: parcelKinds.ask, id, bytes });
      const answer = await this.#questions.ask(node, deadlineMs, send);
      if (answer !== undefined) answers.set(node, answer);
    });
    await Promise.all(asked);
    return { answers, missing: ids.filter((id) => !answers.has(id)) };
  }

  async close(): Promise<void> {
    this.#handlers = undefined;
    this.#members = [];
    for (const dial of this.#dials.values()) dial.stop();
    this.#dials.clear();
    const links = [...this.#links.values()];
    this.#links.clear();
    for (const { link } of links) {
      this.#questions.giveUp(link.node.id);
      link.end();
    }
    const late = setTimeout(() => this.#server.forceShutdown(), goodbyeMs);
    await new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    clearTimeout(late);
  }

  /** Ends without a goodbye, as a process that is killed. For tests. */
  crash(): void {
    this.#handlers = undefined;
    for (const dial of this.#dials.values()) dial.stop();
    for (const { stream } of this.#links.values()) stream.destroy();
    this.#links.clear();
    this.#server.forceShutdown();
  }

  #bind(): Promise<number> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
  }

  #isLinked({ id, incarnation }: PeerNode): boolean {
    return id === this.self.id || this.#links.get(id)?.link.node.incarnation === incarnation;
  }

  /** Members of now: those that are no longer among them are gone; those that came before this node are dialled by it. */
  #follow(nodes: readonly RpcNode[]): void {
    if (this.#handlers === undefined) return;
    const isIn = (all: readonly PeerNode[], node: PeerNode) =>
      all.some(({ id, incarnation }) => id === node.id && incarnation === node.incarnation);
    const gone = this.#members.filter((node) => !isIn(nodes, node));
    this.#members = nodes.filter(({ id }) => id !== this.self.id);
    for (const { id, incarnation } of gone) {
      this.#dials.get(id)?.stop();
      this.#dials.delete(id);
      if (this.#links.get(id)?.link.node.incarnation === incarnation) this.#links.get(id)?.link.cut();
      if (this.#links.get(id)?.link.node.incarnation === incarnation) this.#drop(id);
    }
    for (const node of this.#members) {
      if (isLater(this.self, node) && !this.#isLinked(node) && !this.#dials.has(node.id)) this.#dial(node);
    }
    this.#onLinked();
  }

  #dial(node: RpcNode): void {
    const dial = new Dial((onEnd) => {
      const stream = dialStream(`${node.host}:${node.port}`);
      stream.onEnd(onEnd);
      const { self, secret } = this.#options;
      const expected = { id: node.id, incarnation: node.incarnation };
      const onOpen = (opened: PeerNode) => {
        dial.succeeded();
        return this.#open(opened, stream);
      };
      dialHandshake({ self, secret, port: node.port, stream, expected, onOpen });
      return stream;
    });
    this.#dials.set(node.id, dial);
    dial.start();
  }

  #accept(call: ServerDuplexStream<Frame, Frame>): void {
    const { self, secret } = this.#options;
    const stream = acceptedStream(call);
    stream.onEnd(() => stream.end());
    acceptHandshake({ self, secret, port: this.#port, stream, onOpen: (node) => this.#open(node, stream) });
  }

  #open(node: PeerNode, stream: FrameStream): ((items: readonly Item[]) => void) | undefined {
    if (this.#handlers === undefined) return undefined;
    const earlier = this.#links.get(node.id);
    if (earlier !== undefined) {
      if (earlier.link.node.incarnation > node.incarnation) return undefined;
      this.#drop(node.id);
      earlier.link.cut();
    }
    const link: Link = new Link({ node, stream, onParcel: (parcel) => this.#receive(link, parcel) });
    this.#links.set(node.id, { link, stream });
    stream.onEnd(() => {
      if (this.#links.get(node.id)?.link === link) this.#drop(node.id);
    });
    this.#handlers.onJoin(node);
    this.#onLinked();
    return (items) => link.receive(items);
  }

  #drop(id: string): void {
    const node = this.#links.get(id)?.link.node;
    if (node === undefined) return;
    this.#links.delete(id);
    this.#questions.giveUp(id);
    this.#handlers?.onLeave(node);
  }

  #receive(link: Link, { kind, id, bytes }: Parcel): void {
    const { node } = link;
    const handlers = this.#handlers;
    if (handlers === undefined || this.#links.get(node.id)?.link !== link) return;
    switch (kind) {
      case parcelKinds.tell:
        handlers.onTell(node, bytes);
        return;
      case parcelKinds.ask:
        handlers.onAsk(node, bytes).then(
          (answer) => link.send({ kind: parcelKinds.answer, id, bytes: answer }),
          () => link.send({ kind: parcelKinds.noAnswer, id, bytes: Buffer.alloc(0) }),
        );
        return;
      case parcelKinds.answer:
        this.#questions.answer(node.id, id, bytes);
        return;
      case parcelKinds.noAnswer:
        this.#questions.answer(node.id, id, undefined);
        return;
      default:
        kind satisfies never;
    }
  }
}

/** Of each pair one dials: the one that started later, which knows the other from its own start on. */
function isLater(a: PeerNode, b: PeerNode): boolean {
  return a.incarnation > b.incarnation || (a.incarnation === b.incarnation && a.id > b.id);
}

/** Dials a node again and again, as long as it is not stopped. */
class Dial {
  readonly #open: (onEnd: () => void) => FrameStream;
  #stream: FrameStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  #tries = 0;
  #isStopped = false;
  #isLinked = false;

  constructor(open: (onEnd: () => void) => FrameStream) {
    this.#open = open;
  }

  start(): void {
    this.#stream = this.#open(() => {
      this.#isLinked = false;
      if (this.#isStopped) return;
      this.#timer = setTimeout(() => this.start(), backOffMs(this.#tries, dialAgain));
      this.#tries += 1;
    });
  }

  succeeded(): void {
    this.#tries = 0;
    this.#isLinked = true;
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    // A link says goodbye by itself.
    if (!this.#isLinked) this.#stream?.destroy();
  }
}
