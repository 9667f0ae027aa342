import type { Door } from '../../api/command.ts';
import type { Receipt } from '../../api/receipt.ts';
import type { TailItem, TailLoss, TailQuery } from '../../api/tail.ts';
import type { Target } from '../../api/target.ts';
import { createRate, type Rate, take } from '../../util/rate.ts';
import type { Body } from './body.ts';
import { copyOf } from './copy.ts';
import { isSampled } from './sample.ts';

/** A message as it was met, before anything of it was copied. */
export interface Seen {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly system: string;
  readonly direction: 'in' | 'out';
  /** What the share that is copied is chosen by. */
  readonly sampledBy: string;
  readonly messageId?: string;
  readonly door?: Door;
  readonly target?: Target;
  /** The connection where it was met. */
  readonly at?: { readonly cid: number; readonly uid: string | undefined };
  /** Of a push at its origin. */
  readonly receipt?: Pick<Receipt, 'matched' | 'delivered' | 'dropped'>;
  /** Bytes it holds in memory, roughly. */
  readonly weight: number;
  /** Never throws. */
  readonly body: () => Body;
}

export interface TapOptions {
  readonly node: string;
  readonly query: TailQuery;
  readonly onItem: (item: TailItem) => void;
  /** Does a piece of work when the node has time for it; false where it never will. */
  readonly later: (work: () => void, weight: number) => boolean;
  /** Milliseconds on a clock that is never set back. */
  readonly now: () => number;
}

/** Copies a second where the query does not say. */
const usualPerSecond = 1000;
const tellLossMs = 1000;

/** One reader's wish on one node: chooses, and counts what it leaves out. */
export class Tap {
  readonly query: TailQuery;
  readonly #options: TapOptions;
  readonly #rate: Rate;
  #fullAt = 0;
  readonly #lost = { rate: 0, busy: 0 };
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: TapOptions) {
    this.query = options.query;
    this.#options = options;
    const perSecond = options.query.perSecond ?? usualPerSecond;
    this.#rate = createRate({ perSecond, burst: Math.max(1, perSecond) });
  }

  /** What it looks for is met where a connection is, not where a push comes in. */
  get isOfConnections(): boolean {
    return this.query.client !== undefined || this.query.uid !== undefined;
  }

  /** Whether messages of the system in this direction concern it, whatever else it looks for. */
  concerns(system: string, direction: 'in' | 'out'): boolean {
    const { query } = this;
    return (query.system ?? system) === system && (query.direction ?? direction) === direction;
  }

  /** What meets its filters. */
  take(seen: Seen): void {
    if (!isSampled(seen.sampledBy, this.query.sample ?? 1)) return;
    const fullAt = take(this.#rate, this.#fullAt, this.#options.now());
    if (fullAt === undefined) {
      this.#lose('rate');
      return;
    }
    this.#fullAt = fullAt;
    if (!this.#options.later(() => this.#copy(seen), seen.weight)) this.#lose('busy');
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #copy(seen: Seen): void {
    const { node, onItem } = this.#options;
    if (!this.#isClosed) onItem(copyOf(seen, { node, redact: this.query.redact === true }));
  }

  #lose(why: 'rate' | 'busy'): void {
    this.#lost[why] += 1;
    this.#timer ??= setTimeout(() => this.#tellLoss(), tellLossMs).unref();
  }

  #tellLoss(): void {
    this.#timer = undefined;
    const { node, onItem } = this.#options;
    for (const why of ['rate', 'busy'] as const) {
      const count = this.#lost[why];
      this.#lost[why] = 0;
      if (count > 0) onItem({ type: 'lost', node, count, why } satisfies TailLoss);
    }
  }
}
