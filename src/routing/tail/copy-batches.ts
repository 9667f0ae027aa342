import type { TailItem } from '../../api/tail.ts';

export interface CopyBatchesOptions {
  readonly node: string;
  readonly send: (items: readonly TailItem[]) => void;
  /** A batch goes when it has waited so long, or has so many items or characters in it. */
  readonly waitMs?: number;
  readonly most?: number;
  readonly mostText?: number;
  /** Batches that are under way at one time, at most. */
  readonly window?: number;
}

/**
 * Copies on their way to a reader on another node, some at a time. While as many batches are under way as may be, a further one is filled; what has no room in it is
 * counted, and told with the next.
 */
export class CopyBatches {
  readonly #options: Required<CopyBatchesOptions>;
  #items: TailItem[] = [];
  #text = 0;
  #underWay = 0;
  #lost = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ waitMs = 20, most = 64, mostText = 64 * 1024, window = 8, ...rest }: CopyBatchesOptions) {
    this.#options = { ...rest, waitMs, most, mostText, window };
  }

  push(item: TailItem): void {
    if (this.#isFull) {
      // What was lost before is still lost.
      this.#lost += item.type === 'lost' ? item.count : 1;
      return;
    }
    this.#items.push(item);
    this.#text += item.type === 'copy' ? item.body.length : 0;
    if (this.#isFull) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), this.#options.waitMs).unref();
  }

  /** The reader has taken a batch. */
  onTaken(): void {
    this.#underWay = Math.max(0, this.#underWay - 1);
    if (this.#isFull || this.#lost > 0) this.#send();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  get #isFull(): boolean {
    return this.#items.length >= this.#options.most || this.#text >= this.#options.mostText;
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { node, send, window } = this.#options;
    if (this.#underWay >= window || (this.#items.length === 0 && this.#lost === 0)) return;
    const items = this.#items;
    if (this.#lost > 0) items.push({ type: 'lost', node, count: this.#lost, why: 'reader' });
    this.#items = [];
    this.#text = 0;
    this.#lost = 0;
    this.#underWay += 1;
    send(items);
  }
}
