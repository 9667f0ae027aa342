import type { NodeEvent } from '../../api/event.ts';
import type { Cluster } from '../../bus/cluster/cluster.ts';
import type { Events } from '../../telemetry/events.ts';
import { type News, note } from './notes.ts';

type OnEvent = (event: NodeEvent) => void;

/** What happens on any node, for who follows it on this one: each node tells its own events to those that asked for them. */
export class EventNews {
  readonly #cluster: Cluster;
  readonly #events: () => Events;
  /** Who follows on this node, by number. */
  readonly #followers = new Map<number, OnEvent>();
  /** How to stop telling, by node and its number. */
  readonly #told = new Map<string, Map<number, () => void>>();
  #last = 0;

  constructor(cluster: Cluster, events: () => Events) {
    this.#cluster = cluster;
    this.#events = events;
  }

  /** First the last `backlog` events of each node, then each new one, until the returned function is called. */
  subscribe(onEvent: OnEvent, backlog = 0): () => void {
    this.#last += 1;
    const id = this.#last;
    this.#followers.set(id, onEvent);
    const leave = this.#events().subscribe(onEvent, backlog);
    for (const node of this.#cluster.nodes) this.#cluster.tell(node, note('watch', { id, backlog }));
    return () => {
      leave();
      if (!this.#followers.delete(id)) return;
      for (const node of this.#cluster.nodes) this.#cluster.tell(node, note('unwatch', { id }));
    };
  }

  onJoin(node: string): void {
    for (const id of this.#followers.keys()) this.#cluster.tell(node, note('watch', { id, backlog: 0 }));
  }

  onLeave(node: string): void {
    for (const stop of this.#told.get(node)?.values() ?? []) stop();
    this.#told.delete(node);
  }

  onWatch(from: string, { id, backlog }: News['watch']): void {
    this.onUnwatch(from, { id });
    const stops = this.#told.get(from) ?? new Map<number, () => void>();
    this.#told.set(from, stops);
    const tell = (event: NodeEvent) => this.#cluster.tell(from, note('event', { id, event }));
    stops.set(id, this.#events().subscribe(tell, backlog));
  }

  onUnwatch(from: string, { id }: News['unwatch']): void {
    const stops = this.#told.get(from);
    stops?.get(id)?.();
    stops?.delete(id);
  }

  onEvent({ id, event }: News['event']): void {
    this.#followers.get(id)?.(event);
  }
}
