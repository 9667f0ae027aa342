import type { NodeEvent } from '../api/event.ts';
import { type HistorySince, historyLimit } from '../api/history.ts';
import type { Events } from './events.ts';

export interface HistoryLimits {
  /** Of each kind. */
  readonly maxEntries?: number;
  /** Of each kind; about what they take in memory. */
  readonly maxBytes?: number;
}

/** What is remembered. `since`: from when on all of it is. */
export interface History {
  /** Oldest first: the newest `historyLimit` that concern this clientId, cid or uid. */
  of(system: string, id: string): readonly NodeEvent[];
  readonly since: HistorySince;
}

type Kept = Extract<NodeEvent, { readonly system: string }>;
type OfSomebody = Extract<Kept, { readonly cid: string } | { readonly uid: string }>;

/**
 * The last events of clients and users, in memory. Ends are kept apart from the rest, so that a storm of connects does not push them out, and
 * those of clients that never bound apart from those of users, so that strangers do not.
 */
export function recordHistory(
  events: Pick<Events, 'subscribe'>,
  { maxEntries = 10_000, maxBytes = 4 * 1024 * 1024 }: HistoryLimits = {},
): History {
  const startedAt = Date.now();
  const create = () => new Bounded(maxEntries, maxBytes, startedAt);
  const [ends, endsOfUnbound, rest] = [create(), create(), create()];
  events.subscribe((event) => {
    if (isOfSomebody(event)) ringFor(event).push(event);
  });

  function ringFor(event: OfSomebody): Bounded {
    switch (event.type) {
      case 'connected':
      case 'bound':
      case 'joined':
      case 'left':
        return rest;
      default:
        return event.uid === undefined ? endsOfUnbound : ends;
    }
  }

  return {
    of(system, id) {
      const all = [...ends.events, ...endsOfUnbound.events, ...rest.events].filter((event) => event.system === system);
      const cids = new Set<string>();
      for (const event of all) {
        if ('cid' in event && (event.cid === id || event.uid === id || clientIdOf(event) === id)) cids.add(event.cid);
      }
      const found = all.filter((event) => event.uid === id || ('cid' in event && cids.has(event.cid)));
      return found.sort((a, b) => a.sequence - b.sequence).slice(-historyLimit);
    },
    get since() {
      return { ends: Math.max(ends.since, endsOfUnbound.since), rest: rest.since };
    },
  };
}

function isOfSomebody(event: NodeEvent): event is OfSomebody {
  return 'system' in event && ('cid' in event || 'uid' in event);
}

function clientIdOf(event: OfSomebody): string | undefined {
  return 'clientId' in event ? event.clientId : undefined;
}

/** The newest events up to a number and up to so many bytes. */
class Bounded {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #entries: OfSomebody[] = [];
  /** Where the oldest is: what is in front of it is cut off from time to time. */
  #first = 0;
  #bytes = 0;
  #since: number;

  constructor(maxEntries: number, maxBytes: number, since: number) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
    this.#since = since;
  }

  get since(): number {
    return this.#since;
  }

  get events(): readonly OfSomebody[] {
    return this.#entries.slice(this.#first);
  }

  push(event: OfSomebody): void {
    this.#entries.push(event);
    this.#bytes += bytesOf(event);
    while (this.#entries.length - this.#first > this.#maxEntries || this.#bytes > this.#maxBytes) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const oldest = this.#entries[this.#first] as OfSomebody;
    this.#bytes -= bytesOf(oldest);
    this.#since = oldest.time;
    this.#entries[this.#first] = empty;
    this.#first += 1;
    if (this.#first >= 1024) {
      this.#entries.splice(0, this.#first);
      this.#first = 0;
    }
  }
}

const empty = Object.freeze({}) as OfSomebody;
/** An event with its envelope, without its text. */
const objectBytes = 200;

function bytesOf(event: OfSomebody): number {
  let bytes = objectBytes;
  for (const value of Object.values(event)) if (typeof value === 'string') bytes += 2 * value.length;
  return bytes;
}
