import type { NodeEvent } from '../../api/event.ts';
import type { SupervisorCalls } from './calls.ts';
import type { CallHandlers } from './channel.ts';
import type { Slot } from './slot.ts';

/** The events of all workers, for who follows them at the supervisor or at any worker. */
export class CrewEvents {
  readonly #slots: () => readonly Slot[];
  readonly #watchers = new Map<number, (event: NodeEvent) => void>();
  /** By slot and by the number the worker gave. */
  readonly #watchesOf = new Map<Slot, Map<number, () => void>>();
  #last = 0;

  constructor(slots: () => readonly Slot[]) {
    this.#slots = slots;
  }

  subscribe(onEvent: (event: NodeEvent) => void, backlog: number): () => void {
    this.#last += 1;
    const id = this.#last;
    this.#watchers.set(id, onEvent);
    for (const slot of this.#slots()) if (slot.isServing) slot.channel?.tell('watch', { id, backlog });
    return () => {
      this.#watchers.delete(id);
      for (const slot of this.#slots()) slot.channel?.tell('unwatch', id);
    };
  }

  /** Of a process that begins in this place. */
  handlersOf(slot: Slot): Pick<CallHandlers<SupervisorCalls>, 'event' | 'watchAll' | 'unwatchAll'> {
    const watches = new Map<number, () => void>();
    this.#watchesOf.set(slot, watches);
    return {
      event: ({ id, event }) => this.#watchers.get(id)?.(event),
      watchAll: ({ id, backlog }) => {
        const { channel } = slot;
        watches.set(
          id,
          this.subscribe((event) => channel?.tell('watched', { id, event }), backlog),
        );
      },
      unwatchAll: (id) => {
        watches.get(id)?.();
        watches.delete(id);
      },
    };
  }

  onServing({ channel }: Slot): void {
    for (const id of this.#watchers.keys()) channel?.tell('watch', { id, backlog: 0 });
  }

  onGone(slot: Slot): void {
    for (const end of this.#watchesOf.get(slot)?.values() ?? []) end();
  }
}
