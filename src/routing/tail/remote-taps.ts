import type { TailItem, TailQuery } from '../../api/tail.ts';
import { CopyBatches } from './copy-batches.ts';
import { withoutRepeats } from './repeats.ts';
import type { Taps } from './taps.ts';

/** What the place of a reader says to the others. `id`: its own number. */
export type TapOrder =
  | { readonly is: 'open'; readonly id: number; readonly query: TailQuery }
  | { readonly is: 'close'; readonly id: number }
  /** One batch of copies was taken. */
  | { readonly is: 'taken'; readonly id: number };

/** What they answer. */
export interface TappedCopies {
  readonly id: number;
  readonly items: readonly TailItem[];
}

export interface TapReadersOptions {
  /** The other places there are now. */
  readonly places: () => Iterable<string>;
  readonly order: (place: string, order: TapOrder) => void;
  /** Of this place, where something passes here as well. */
  readonly here?: Taps['open'];
}

/** Readers at this place, of what passes at all places. */
export class TapReaders {
  readonly #options: TapReadersOptions;
  readonly #readers = new Map<number, { readonly query: TailQuery; readonly onItem: (item: TailItem) => void }>();
  #last = 0;

  constructor(options: TapReadersOptions) {
    this.#options = options;
  }

  /** As `Taps.open`, over all places; what several of them met is copied once. */
  open(query: TailQuery, onItem: (item: TailItem) => void): () => void {
    const { places, order, here } = this.#options;
    this.#last += 1;
    const id = this.#last;
    const reader = { query, onItem: withoutRepeats(query, onItem) };
    this.#readers.set(id, reader);
    const close = here?.(query, reader.onItem);
    for (const place of places()) order(place, { is: 'open', id, query });
    return () => {
      close?.();
      if (!this.#readers.delete(id)) return;
      for (const place of places()) order(place, { is: 'close', id });
    };
  }

  /** A place is there from now on: it is told of the readers that stand. */
  onJoin(place: string): void {
    for (const [id, { query }] of this.#readers) this.#options.order(place, { is: 'open', id, query });
  }

  onCopies(from: string, { id, items }: TappedCopies): void {
    const reader = this.#readers.get(id);
    this.#options.order(from, { is: reader === undefined ? 'close' : 'taken', id });
    for (const item of items) reader?.onItem(item);
  }
}

export interface TapWritersOptions {
  readonly node: string;
  readonly open: Taps['open'];
  readonly send: (place: string, copies: TappedCopies) => void;
}

/** Taps of this node for readers at other places. */
export class TapWriters {
  readonly #options: TapWritersOptions;
  /** By place and the number it gave. */
  readonly #open = new Map<string, Map<number, { readonly batches: CopyBatches; readonly close: () => void }>>();

  constructor(options: TapWritersOptions) {
    this.#options = options;
  }

  onOrder(from: string, order: TapOrder): void {
    const { id } = order;
    if (order.is === 'taken') this.#open.get(from)?.get(id)?.batches.onTaken();
    else this.#close(from, id);
    if (order.is === 'open') this.#add(from, id, order.query);
  }

  /** Its readers are gone with it. */
  onLeave(place: string): void {
    for (const id of this.#open.get(place)?.keys() ?? []) this.#close(place, id);
    this.#open.delete(place);
  }

  #add(from: string, id: number, query: TailQuery): void {
    const { node, open, send } = this.#options;
    const batches = new CopyBatches({ node, send: (items) => send(from, { id, items }) });
    const end = open(query, (item) => batches.push(item));
    const taps = this.#open.get(from) ?? new Map();
    this.#open.set(from, taps);
    taps.set(id, {
      batches,
      close: () => {
        end();
        batches.close();
      },
    });
  }

  #close(from: string, id: number): void {
    const taps = this.#open.get(from);
    taps?.get(id)?.close();
    taps?.delete(id);
  }
}
