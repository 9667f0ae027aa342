import { allPeers, type PeerAddress, type PeerAnswers, type PeerHandlers, type PeerNode } from '../peers.ts';
import type { FrameStream } from './frame-stream.ts';
import type { Receive } from './handshake.ts';
import { Link } from './link.ts';
import { type Parcel, parcelKinds } from './parcels.ts';
import { Questions } from './questions.ts';

export interface LinksOptions {
  readonly maxWaitingBytes: number;
  /** Undefined: nobody is to hear anything, before the start and after the end. */
  readonly handlers: () => PeerHandlers | undefined;
}

/** The link to one start of a node. */
export interface Linked {
  readonly node: PeerNode;
  readonly link: Link;
  readonly stream: FrameStream;
  /** By this node. */
  readonly isDialled: boolean;
}

/** One link to each node there is one to, and what goes over them. */
export class Links {
  readonly #options: LinksOptions;
  readonly #links = new Map<string, Linked>();
  readonly #questions = new Questions();

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  get nodes(): readonly PeerNode[] {
    return [...this.#links.values()].map(({ node }) => node);
  }

  get(id: string): Linked | undefined {
    return this.#links.get(id);
  }

  /** In the place of an earlier one to that node, which leaves first. */
  open(node: PeerNode, stream: FrameStream, isDialled: boolean, onEnd: () => void): Receive {
    const earlier = this.#links.get(node.id);
    if (earlier !== undefined) this.cut(earlier);
    const { maxWaitingBytes, handlers } = this.#options;
    const onParcel = (parcel: Parcel) => this.#receive(linked, parcel);
    const link = new Link({ node, stream, onParcel, maxWaitingBytes });
    const linked: Linked = { node, link, stream, isDialled };
    this.#links.set(node.id, linked);
    stream.onEnd(() => {
      this.#drop(linked);
      onEnd();
    });
    handlers()?.onJoin(node);
    return (items) => link.receive(items);
  }

  /** The node leaves. */
  cut(linked: Linked): void {
    this.#drop(linked);
    linked.link.cut();
  }

  cutAll(): void {
    for (const linked of [...this.#links.values()]) this.cut(linked);
  }

  /** What was sent still goes out. */
  endAll(): void {
    const all = [...this.#links.values()];
    this.#links.clear();
    for (const { node, link } of all) {
      this.#questions.giveUp(node.id);
      link.end();
    }
  }

  /** As a process that is killed. */
  destroyAll(): void {
    const all = [...this.#links.values()];
    this.#links.clear();
    for (const { stream } of all) stream.destroy();
  }

  tell(to: PeerAddress, bytes: Buffer): void {
    for (const id of to === allPeers ? [...this.#links.keys()] : [to]) {
      this.#links.get(id)?.link.send({ kind: parcelKinds.tell, id: 0, bytes });
    }
  }

  async ask(to: readonly string[] | typeof allPeers, bytes: Buffer, deadlineMs: number): Promise<PeerAnswers> {
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

  #drop(linked: Linked): void {
    const { node } = linked;
    if (this.#links.get(node.id) !== linked) return;
    this.#links.delete(node.id);
    this.#questions.giveUp(node.id);
    this.#options.handlers()?.onLeave(node);
  }

  #receive(linked: Linked, { kind, id, bytes }: Parcel): void {
    const { node, link } = linked;
    const handlers = this.#options.handlers();
    if (handlers === undefined || this.#links.get(node.id) !== linked) return;
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
