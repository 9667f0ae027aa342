import type { TailItem, TailQuery } from '../../api/tail.ts';
import type { Cluster } from '../../bus/cluster/cluster.ts';
import { TapReaders, TapWriters } from '../tail/remote-taps.ts';
import type { Taps } from '../tail/taps.ts';
import { type News, note } from './notes.ts';

/** What passes on any node, for who reads along on this one: each node sends its own copies to those that asked for them. */
export class TailNews {
  readonly #readers: TapReaders;
  readonly #writers: TapWriters;

  constructor(cluster: Cluster, taps: () => Taps) {
    const open: Taps['open'] = (query, onItem) => taps().open(query, onItem);
    this.#readers = new TapReaders({
      places: () => cluster.nodes,
      order: (node, order) => cluster.tell(node, note('tap', order)),
      here: open,
    });
    this.#writers = new TapWriters({
      node: cluster.self,
      open,
      send: (node, copies) => cluster.tell(node, note('tapped', copies)),
    });
  }

  open(query: TailQuery, onItem: (item: TailItem) => void): () => void {
    return this.#readers.open(query, onItem);
  }

  onJoin(node: string): void {
    this.#readers.onJoin(node);
  }

  onLeave(node: string): void {
    this.#writers.onLeave(node);
  }

  onTap(from: string, order: News['tap']): void {
    this.#writers.onOrder(from, order);
  }

  onTapped(from: string, copies: News['tapped']): void {
    this.#readers.onCopies(from, copies);
  }
}
