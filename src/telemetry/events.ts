import type { EventSubject, NodeEvent } from '../api/event.ts';

type Listener = (event: NodeEvent) => void;

/**
 * What happens on this node, as it happens, with the last `keep` events for those who come later, and the last `keepRefused` refusals: strangers make
 * those, and must not push the others out.
 */
export class Events {
  readonly #node: string;
  readonly #recent: Recent;
  readonly #refused: Recent;
  readonly #listeners = new Set<Listener>();
  #sequence = 0;

  constructor({ node, keep = 1000, keepRefused = 200 }: { node: string; keep?: number; keepRefused?: number }) {
    this.#node = node;
    this.#recent = new Recent(keep);
    this.#refused = new Recent(keepRefused);
  }

  emit(subject: EventSubject): void {
    this.#sequence += 1;
    const event: NodeEvent = { sequence: this.#sequence, time: Date.now(), node: this.#node, ...subject };
    (event.type === 'refused' ? this.#refused : this.#recent).push(event);
    for (const listener of this.#listeners) listener(event);
  }

  /** First the last `backlog` events and as many refusals, then each new one, until the returned function is called. Listeners must not throw. */
  subscribe(listener: Listener, backlog = 0): () => void {
    const before = [...this.#recent.last(backlog), ...this.#refused.last(backlog)];
    for (const event of before.sort((a, b) => a.sequence - b.sequence)) listener(event);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The newest events up to a number. */
class Recent {
  readonly #keep: number;
  readonly #events: NodeEvent[] = [];

  constructor(keep: number) {
    this.#keep = keep;
  }

  push(event: NodeEvent): void {
    this.#events.push(event);
    if (this.#events.length >= 2 * this.#keep) this.#events.splice(0, this.#events.length - this.#keep);
  }

  last(count: number): readonly NodeEvent[] {
    return count > 0 ? this.#events.slice(-Math.min(count, this.#keep)) : [];
  }
}
