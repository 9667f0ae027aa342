import type { NodeEvent } from '../api/event.ts';
import { type HistorySince, historyLimit } from '../api/history.ts';
import type { Events } from './events.ts';

export interface HistoryLimits {
  /** Of each kind; 0: nothing is remembered. */
  readonly maxEntries?: number;
  /** About what the ends of users take in memory; each of the others half of it. Default 800 for each entry. */
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
  { maxEntries = 10_000, maxBytes = 800 * maxEntries }: HistoryLimits = {},
): History {
  const startedAt = Date.now();
  const ends = new Bounded(maxEntries, maxBytes, startedAt);
  const endsOfUnbound = new Bounded(maxEntries, maxBytes / 2, startedAt);
  const rest = new Bounded(maxEntries, maxBytes / 2, startedAt);
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
  /** Of each entry. */
  readonly #sizes: number[] = [];
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
    const bytes = bytesOf(event);
    this.#entries.push(event);
    this.#sizes.push(bytes);
    this.#bytes += bytes;
    while (this.#entries.length - this.#first > this.#maxEntries || this.#bytes > this.#maxBytes) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const oldest = this.#entries[this.#first] as OfSomebody;
    this.#bytes -= this.#sizes[this.#first] ?? 0;
    this.#since = oldest.time;
    this.#entries[this.#first] = empty;
    this.#first += 1;
    if (this.#first >= 1024) {
      this.#entries.splice(0, this.#first);
      this.#sizes.splice(0, this.#first);
      this.#first = 0;
    }
  }
}

const empty = Object.freeze({}) as OfSomebody;
/** An event with its envelope, without the characters of its texts. */
const objectBytes = 400;

/** Every text that an event of a client or user can have. */
interface Texts {
  readonly cid?: string;
  readonly clientId?: string;
  readonly uid?: string;
  readonly deviceId?: string;
  readonly channel?: string;
  readonly remoteAddress?: string;
  readonly reason?: string;
  readonly group?: string;
  readonly userId?: string;
  readonly extend?: string;
}

function bytesOf(event: OfSomebody): number {
  const { cid = '', clientId = '', uid = '', deviceId = '', channel = '', remoteAddress = '' }: Texts = event;
  const { reason = '', group = '', userId = '', extend = '' }: Texts = event;
  const ofClient = cid.length + clientId.length + uid.length + deviceId.length + channel.length + remoteAddress.length;
  return objectBytes + 2 * (ofClient + reason.length + group.length + userId.length + extend.length);
}
