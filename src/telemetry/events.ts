import type { EventSubject, NodeEvent } from '../api/event.ts';

type Listener = (event: NodeEvent) => void;

/** What happens on this node, as it happens, with the last `keep` events for those who come later. */
export class Events {
  readonly #node: string;
  readonly #keep: number;
  readonly #recent: NodeEvent[] = [];
  readonly #listeners = new Set<Listener>();
  #sequence = 0;

  constructor(options: { node: string; keep?: number }) {
    this.#node = options.node;
    this.#keep = options.keep ?? 1000;
  }

  emit(subject: EventSubject): void {
    this.#sequence += 1;
    const event: NodeEvent = { sequence: this.#sequence, time: Date.now(), node: this.#node, ...subject };
    this.#recent.push(event);
    if (this.#recent.length >= 2 * this.#keep) this.#recent.splice(0, this.#recent.length - this.#keep);
    for (const listener of this.#listeners) listener(event);
  }

  /** First the last `backlog` events, then each new one, until the returned function is called. Listeners must not throw. */
  subscribe(listener: Listener, backlog = 0): () => void {
    for (const event of backlog > 0 ? this.#recent.slice(-Math.min(backlog, this.#keep)) : []) listener(event);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
