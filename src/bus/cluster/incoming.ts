import type { Broadcast } from '../../wire/cluster/envelope.ts';
import type { PeerNode } from '../peers.ts';

export interface IncomingOptions {
  readonly self: string;
  /** In the order of its origin, each once. */
  readonly onBroadcast: (broadcast: Broadcast) => void;
  /** These numbers of a node, `to` not among them, have not come: it may send them again. */
  readonly onHole: (origin: PeerNode, from: number, to: number) => void;
  /** A hole is told of after this long: what comes another way may only be late. */
  readonly askAfterMs: number;
  /** A hole is waited for no longer than this, and while no more than so many bytes wait behind it. */
  readonly giveUpAfterMs: number;
  readonly mostBytes: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** What one start of a node broadcasts. */
interface Stream {
  readonly incarnation: number;
  /** The number that is handed on next. */
  next: number;
  /** Below this all have been sent, as far as is known. */
  upTo: number;
  /** Those behind a hole. */
  readonly held: Map<number, { readonly broadcast: Broadcast; readonly bytes: number; readonly cameAt: number }>;
  heldBytes: number;
  /** Since when it is known that `next` is missing. */
  holeSince: number | undefined;
  /** Below this all that is missing has been asked for. */
  askedUpTo: number;
}

/** Names of nodes are few, unless each start has another one. */
const mostGone = 100;

/**
 * Puts what the other nodes broadcast in order, whichever way it came: each number once, each origin by itself. A number that is missing is
 * waited for shortly; then it is a gap, and what comes of it later is thrown away.
 */
export class Incoming {
  readonly #options: IncomingOptions;
  readonly #streams = new Map<string, Stream>();
  /** Starts of nodes that are over, by their name: the incarnation. What they sent may come late, and is still known by its number. */
  readonly #gone = new Map<string, number>();
  readonly #figures = { received: 0, duplicates: 0, gaps: 0, stale: 0 };

  constructor(options: IncomingOptions) {
    this.#options = options;
  }

  /** Nodes of which it is known what they sent last. */
  get size(): number {
    return this.#streams.size;
  }

  /** `gaps` counts numbers that never came in time; `stale`, what came of an earlier start of a node. */
  get figures(): Readonly<Record<'received' | 'duplicates' | 'gaps' | 'stale', number>> {
    return this.#figures;
  }

  /** Something is missing: `sweep` is to be called. */
  get isWaiting(): boolean {
    for (const { holeSince } of this.#streams.values()) if (holeSince !== undefined) return true;
    return false;
  }

  receive(broadcast: Broadcast): void {
    const { origin, incarnation, number, pushes } = broadcast;
    if (origin === this.#options.self) return;
    // Of an origin that nobody has told of yet nothing before this is missed: this node has only just come.
    const stream = this.#streamOf(origin, incarnation, () => (this.#streams.has(origin) ? 1 : number));
    if (stream === undefined) {
      this.#figures.stale += 1;
      return;
    }
    if (number < stream.next || stream.held.has(number)) {
      this.#figures.duplicates += 1;
      return;
    }
    stream.upTo = Math.max(stream.upTo, number + 1);
    const bytes = pushes.reduce((sum, { length }) => sum + length, 0);
    stream.held.set(number, { broadcast, bytes, cameAt: this.#options.now() });
    stream.heldBytes += bytes;
    this.#handOn(stream);
    while (stream.heldBytes > this.#options.mostBytes) this.#skip(stream);
  }

  /** A node says which number it gives next: what it gave before this node knew of it is no gap. */
  learn({ id, incarnation }: PeerNode, next: number): void {
    if (!Number.isSafeInteger(next) || next < 1) return;
    const stream = this.#streamOf(id, incarnation, () => next);
    if (stream === undefined) return;
    stream.upTo = Math.max(stream.upTo, next);
    this.#handOn(stream);
  }

  /** That start of the node is over. Of a few only it is remembered what they had sent. */
  onGone({ id, incarnation }: PeerNode): void {
    if (this.#streams.get(id)?.incarnation !== incarnation) return;
    this.#gone.delete(id);
    this.#gone.set(id, incarnation);
    for (const oldest of this.#gone.keys()) {
      if (this.#gone.size <= mostGone) return;
      this.#gone.delete(oldest);
      const stream = this.#streams.get(oldest);
      while (stream !== undefined && stream.held.size > 0) this.#skip(stream);
      this.#streams.delete(oldest);
    }
  }

  /** Asks for what is missing, and gives up what has been for too long. */
  sweep(): void {
    const { now, askAfterMs, giveUpAfterMs, onHole } = this.#options;
    for (const [id, stream] of this.#streams) {
      while (stream.holeSince !== undefined && now() - stream.holeSince >= giveUpAfterMs) this.#skip(stream);
      if (stream.holeSince !== undefined && now() - stream.holeSince >= askAfterMs) {
        const origin = { id, incarnation: stream.incarnation };
        for (const [from, to] of holesOf(stream)) onHole(origin, from, to);
        stream.askedUpTo = stream.upTo;
      }
    }
  }

  /** Undefined for an earlier start of the node. What was held of one is handed on, with its gaps. */
  #streamOf(origin: string, incarnation: number, next: () => number): Stream | undefined {
    const known = this.#streams.get(origin);
    if (known?.incarnation === incarnation) return known;
    if (known !== undefined && known.incarnation > incarnation) return undefined;
    while (known !== undefined && known.held.size > 0) this.#skip(known);
    const first = next();
    const held = new Map();
    const stream = { incarnation, next: first, upTo: first, held, heldBytes: 0, holeSince: undefined, askedUpTo: 0 };
    this.#streams.set(origin, stream);
    this.#gone.delete(origin);
    return stream;
  }

  #handOn(stream: Stream): void {
    const before = stream.next;
    for (let held = stream.held.get(stream.next); held !== undefined; held = stream.held.get(stream.next)) {
      stream.held.delete(stream.next);
      stream.heldBytes -= held.bytes;
      stream.next += 1;
      this.#figures.received += 1;
      this.#options.onBroadcast(held.broadcast);
    }
    if (stream.next >= stream.upTo) stream.holeSince = undefined;
    else if (stream.holeSince === undefined || stream.next > before) {
      stream.holeSince = stream.held.get(endOfHole(stream))?.cameAt ?? this.#options.now();
    }
  }

  #skip(stream: Stream): void {
    const end = endOfHole(stream);
    this.#figures.gaps += end - stream.next;
    stream.next = end;
    stream.holeSince = undefined;
    this.#handOn(stream);
  }
}

function endOfHole({ held, upTo }: Stream): number {
  let end = upTo;
  for (const number of held.keys()) end = Math.min(end, number);
  return end;
}

/** What is missing and has not been asked for. */
function* holesOf({ next, upTo, held, askedUpTo }: Stream): Generator<[from: number, to: number]> {
  const known = [...held.keys(), upTo].sort((a, b) => a - b);
  let from = next;
  for (const number of known) {
    const first = Math.max(from, askedUpTo);
    if (first < number) yield [first, number];
    from = number + 1;
  }
}
