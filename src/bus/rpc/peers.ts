import { setTimeout as sleep } from 'node:timers/promises';
import { isLoopback } from '../../util/address.ts';
import { StartError } from '../../util/start-error.ts';
import { type WireVersions, wireVersions } from '../../wire/cluster/versions.ts';
import type { allPeers, PeerAddress, PeerAnswers, PeerHandlers, PeerNode, Peers } from '../peers.ts';
import { Complaints, type Warn } from './complaints.ts';
import { Dial } from './dial.ts';
import { plainEnd } from './end-words.ts';
import { dialStream, type FrameStream } from './frame-stream.ts';
import { acceptHandshake, dialHandshake, type Receive, type Refusal } from './handshake.ts';
import { Links } from './links.ts';
import type { RpcMembers, RpcNode } from './members.ts';
import { RpcPort } from './port.ts';
import { checkRpcTls, type RpcTls, wordsOfTls } from './tls.ts';

export interface RpcPeersOptions {
  readonly self: PeerNode;
  /** All nodes have it, and nobody else. */
  readonly secret: Buffer;
  /** Where to listen: an address of this machine, or a name for one. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** What the others dial, where it is not the same. */
  readonly advertise?: { readonly host?: string | undefined; readonly port?: number | undefined };
  readonly members: RpcMembers;
  /** Without it what nodes say can be read on the way. */
  readonly tls?: RpcTls | undefined;
  /** Off loopback without TLS all the same. */
  readonly insecure?: boolean;
  /** Why there is no link to another node: each thing once. */
  readonly warn?: Warn;
  /** For tests: another build. */
  readonly versions?: WireVersions;
  /** What may wait for a node that reads no more; default 64 MiB. */
  readonly maxWaitingBytes?: number;
}

/** Nodes that are listed and cannot be reached hold up a start no longer. */
const startMs = 3000;
const goodbyeMs = 500;
/** For the other one to dial, whose part it is. Then this one does, too: it may be that only one can reach the other. */
const reverseAfterMs = 2500;
const mostWaitingBytes = 64 * 1024 * 1024;
/** Names of nodes that are gone, with their last incarnation. */
const mostGone = 10_000;

/**
 * Peers over gRPC: one stream for each pair of nodes, dialled by the one that started later, or by the other where that comes to
 * nothing. What is sent in one turn of the loop leaves in one frame. Each side proves that it knows the secret; with TLS both show a
 * certificate of the cluster's authority, too, and the proofs are good for that channel only.
 */
export class RpcPeers implements Peers {
  readonly #options: RpcPeersOptions;
  readonly #port: RpcPort;
  readonly #links: Links;
  readonly #dials = new Map<string, Dial>();
  readonly #complaints: Complaints;
  readonly #strangers: Complaints;
  readonly #versions: WireVersions;
  readonly #gone = new Map<string, number>();
  #tls: RpcTls | undefined;
  #self: PeerNode;
  #members: readonly RpcNode[] = [];
  #handlers: PeerHandlers | undefined;
  #boundPort = 0;
  #onLinked = () => {};

  constructor(options: RpcPeersOptions) {
    const { self, tls, versions = wireVersions, warn = () => {} } = options;
    this.#options = options;
    this.#self = { id: self.id, incarnation: self.incarnation };
    this.#tls = tls;
    // Version 1 had no TLS.
    this.#versions = tls === undefined ? versions : { ...versions, lowest: Math.max(versions.lowest, 2) };
    const { maxWaitingBytes = mostWaitingBytes } = options;
    this.#links = new Links({ maxWaitingBytes, handlers: () => this.#handlers });
    this.#complaints = new Complaints(warn);
    this.#strangers = new Complaints(warn);
    this.#port = new RpcPort({
      tls,
      onStream: (stream, from, proven) => this.#accept(stream, from, proven),
      onTlsFailure: (from, why) => this.#strangers.say(from, why),
    });
  }

  get self(): PeerNode {
    return this.#self;
  }

  get nodes(): readonly PeerNode[] {
    return this.#links.nodes;
  }

  /** Where it listens, once `listen` or `start` has resolved. */
  get port(): number {
    return this.#boundPort;
  }

  /** What the others dial, once `listen` or `start` has resolved. */
  get advertised(): { readonly host: string; readonly port: number } {
    const { host, advertise } = this.#options;
    return { host: advertise?.host ?? host, port: advertise?.port ?? this.#boundPort };
  }

  /** Connections of those who have not proved that they are one of us. */
  get strangers(): number {
    return this.#port.strangers;
  }

  /** Why there is no link to a member, where that is known. */
  failureOf(id: string): string | undefined {
    return this.#dials.get(id)?.failure;
  }

  /** Opens the port, for those who have to know it before the start. Rejects with a `StartError` where it cannot be opened, or should not be. */
  async listen(): Promise<void> {
    const { host, port, insecure = false } = this.#options;
    if (this.#tls !== undefined) checkRpcTls(this.#tls);
    else if (!insecure && !staysHere(host)) {
      throw new StartError(
        `what nodes say to each other could be read on the way: ${host} is not loopback, and there is no TLS`,
        {
          hint: 'set cluster.tls.cert, key and ca; or, in a network that nobody else is in, cluster.insecure: true',
          exitCode: 78,
        },
      );
    }
    this.#boundPort = await this.#port.listen(host, port);
  }

  async start(handlers: PeerHandlers): Promise<void> {
    const { members } = this.#options;
    if (this.#boundPort === 0) await this.listen();
    this.#handlers = handlers;
    let hasNews = false;
    members.watch((nodes) => {
      hasNews = true;
      this.#follow(nodes);
    });
    const entered = await members.enter({ ...this.#self, ...this.advertised });
    // What was told meanwhile is newer than the answer.
    if (!hasNews) this.#follow(entered);
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

  /**
   * The others took this node for dead: under a new incarnation all links are made anew, and what had been shared is to be shared anew.
   * Every other node is reported to leave, and to join again; the others see the same of this one.
   */
  reenter(incarnation: number): void {
    if (incarnation <= this.#self.incarnation) return;
    this.#self = { id: this.#self.id, incarnation };
    if (this.#handlers === undefined) return;
    for (const dial of this.#dials.values()) dial.stop();
    this.#dials.clear();
    this.#links.cutAll();
    this.#dialMissing();
  }

  /** Throws a `StartError` where these cannot be used, and goes on with the earlier ones. Links that stand are left alone. */
  reloadTls(tls: RpcTls): void {
    if (this.#tls === undefined)
      throw new StartError('TLS between nodes is off', { hint: 'start the node anew with cluster.tls' });
    checkRpcTls(tls);
    this.#tls = tls;
    this.#port.reload(tls);
  }

  tell(to: PeerAddress, bytes: Buffer): void {
    this.#links.tell(to, bytes);
  }

  ask(
    to: readonly string[] | typeof allPeers,
    bytes: Buffer,
    { deadlineMs }: { deadlineMs: number },
  ): Promise<PeerAnswers> {
    return this.#links.ask(to, bytes, deadlineMs);
  }

  async close(): Promise<void> {
    this.#handlers = undefined;
    this.#members = [];
    for (const dial of this.#dials.values()) dial.stop();
    this.#dials.clear();
    this.#links.endAll();
    await this.#port.close(goodbyeMs);
  }

  /** Ends without a goodbye, as a process that is killed. For tests. */
  crash(): void {
    this.#handlers = undefined;
    for (const dial of this.#dials.values()) dial.stop();
    this.#links.destroyAll();
    this.#port.crash();
  }

  #isLinked({ id, incarnation }: PeerNode): boolean {
    return id === this.#self.id || this.#links.get(id)?.node.incarnation === incarnation;
  }

  /** Members of now: those that are no longer among them are gone; to those that are new there is to be a link. */
  #follow(nodes: readonly RpcNode[]): void {
    if (this.#handlers === undefined) return;
    const gone = this.#members.filter((node) => !nodes.some((other) => isSame(node, other)));
    this.#members = nodes.filter(({ id }) => id !== this.#self.id);
    for (const { id, incarnation } of this.#members)
      if ((this.#gone.get(id) ?? -1) >= incarnation) this.#gone.delete(id);
    for (const node of gone) this.#forget(node);
    this.#dialMissing();
    this.#onLinked();
  }

  #forget({ id, incarnation }: PeerNode): void {
    this.#gone.delete(id);
    this.#gone.set(id, incarnation);
    for (const [oldest] of this.#gone) if (this.#gone.size > mostGone) this.#gone.delete(oldest);
    this.#complaints.forget(id);
    this.#stopDialling(id);
    const link = this.#links.get(id);
    if (link?.node.incarnation === incarnation) this.#links.cut(link);
  }

  #dialMissing(): void {
    for (const node of this.#members) {
      if (this.#isLinked(node) || this.#dials.has(node.id)) continue;
      const dial = new Dial((self, onEnd) => this.#dial(self, node.id, onEnd));
      this.#dials.set(node.id, dial);
      dial.start(isLater(this.#self, node) ? 0 : reverseAfterMs);
    }
  }

  #stopDialling(id: string): void {
    this.#dials.get(id)?.stop();
    this.#dials.delete(id);
  }

  /** Where the member is now: its address may have changed since the last time. */
  #dial(dial: Dial, id: string, onEnd: (why: string) => void): FrameStream | undefined {
    const node = this.#members.find((member) => member.id === id);
    if (node === undefined) return undefined;
    const { host, port } = node;
    const { secret, insecure = false } = this.#options;
    const self = this.#self;
    const onRefused = (why: Refusal) => this.#complaints.say(id, why, { address: spell(node) });
    if (this.#tls === undefined && !insecure && !staysHere(host)) {
      onRefused({
        what: 'it is not on loopback, and there is no TLS',
        hint: 'set cluster.tls, or cluster.insecure: true',
      });
      return undefined;
    }
    const stream = dialStream(host, port, this.#tls);
    const onOpen = (opened: PeerNode) => {
      if (self !== this.#self) return undefined;
      dial.succeeded();
      return this.#open(opened, stream, true);
    };
    dialHandshake({
      ...{ self, secret, host, port, stream, onOpen, onRefused },
      versions: this.#versions,
      expected: node,
    });
    stream.onEnd((why) => {
      const words = this.#tls && wordsOfTls(why, 'dialled');
      if (words !== undefined) onRefused(words);
      onEnd(words?.what ?? plainEnd(why));
    });
    return stream;
  }

  #accept(stream: FrameStream, from: string, proven: () => void): void {
    const self = this.#self;
    acceptHandshake({
      ...{ self, stream, secret: this.#options.secret, versions: this.#versions, ...this.advertised },
      isWanted: (node) => this.#isWanted(node, false),
      onOpen: (node) => {
        if (self !== this.#self) return undefined;
        const receive = this.#open(node, stream, false);
        if (receive !== undefined) proven();
        return receive;
      },
      onRefused: (why) => this.#strangers.say(from.replace(/:\d+$/, ''), why),
    });
  }

  /** Of two links to one start of a node the one stays that is dialled by the one whose part it is; of two of the same side the newer. */
  #isWanted(node: PeerNode, isDialled: boolean): boolean {
    const { id, incarnation } = node;
    if (this.#handlers === undefined || id === this.#self.id) return false;
    if ((this.#gone.get(id) ?? -1) >= incarnation) return false;
    if (this.#members.some((member) => member.id === id && member.incarnation > incarnation)) return false;
    const earlier = this.#links.get(id);
    if (earlier === undefined || earlier.node.incarnation < incarnation) return true;
    if (earlier.node.incarnation > incarnation) return false;
    return earlier.isDialled === isDialled || isDialled === isLater(this.#self, node);
  }

  #open(node: PeerNode, stream: FrameStream, isDialled: boolean): Receive | undefined {
    if (this.#handlers === undefined || !this.#isWanted(node, isDialled)) return undefined;
    if (!isDialled) this.#stopDialling(node.id);
    this.#complaints.forget(node.id);
    const receive = this.#links.open(node, stream, isDialled, () => this.#dialMissing());
    this.#onLinked();
    return receive;
  }
}

function isSame(a: PeerNode, b: PeerNode): boolean {
  return a.id === b.id && a.incarnation === b.incarnation;
}

/** Whose part it is to dial: the one that started later, which knows the other from its own start on. */
function isLater(a: PeerNode, b: PeerNode): boolean {
  return a.incarnation > b.incarnation || (a.incarnation === b.incarnation && a.id > b.id);
}

/** What is said to that host can be read on this machine only. */
function staysHere(host: string): boolean {
  return host === 'localhost' || isLoopback(host);
}

function spell({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
