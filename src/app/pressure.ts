import type { Shedding } from '../api/stats.ts';
import { formatBytes } from '../util/figures.ts';
import type { Descriptors } from './descriptors.ts';
import type { Load } from './measure-load.ts';

export interface PressureOptions {
  readonly measure: () => Load;
  /** Undefined: this system does not limit them. */
  readonly descriptors: Descriptors | undefined;
  /** Once for each change, and never in the middle of a connect. */
  readonly onChange: (shedding: readonly Shedding[], why: string) => void;
  /** The memory is nearly full: asked to give some back, at most every five seconds. */
  readonly onNearlyFull: (why: string) => void;
  /** Descriptors run out: asked every tick to end connections that nobody needs. */
  readonly endIdle: () => void;
}

export interface Pressure {
  /** What runs out, as it is now. */
  readonly shedding: readonly Shedding[];
  /** The same in words; undefined: nothing does. */
  why(): string | undefined;
  /**
   * Asked for each TCP connection: whether to drop it, what is left being kept for the internal listener, and the last of it for the operator’s socket and
   * the node’s own files.
   */
  isFull(listener: 'public' | 'internal'): boolean;
  /** Connections there are descriptors for; infinite where they are not limited. */
  readonly enoughFor: number;
  tick(): void;
  start(): void;
  stop(): void;
}

const tickMs = 500;
/** From the first part on newcomers are refused, until it has sunk to the second; from the third on something has to go. */
const sheddingFrom = 0.85;
const sheddingUntil = 0.8;
const nearlyFullFrom = 0.95;
const ticksBetweenRelief = 10;
/** Descriptors that clients do not get: HTTP requests and the node’s own files may take them. */
const keptDescriptors = 64;

/** Notices what runs out before it has run out. */
export function createPressure(options: PressureOptions): Pressure {
  const { measure, descriptors } = options;
  const kept = descriptors === undefined ? 0 : Math.min(keptDescriptors, Math.floor(descriptors.limit / 4));
  let load: Load = { heap: 0, heapLeftBytes: 0, memory: 0 };
  let shedding: readonly Shedding[] = [];
  let ticksToRelief = 0;
  let timer: NodeJS.Timeout | undefined;

  const left = () => (descriptors === undefined ? Number.POSITIVE_INFINITY : descriptors.limit - descriptors.open());
  const isHigh = (what: 'heap' | 'memory') => load[what] >= (shedding.includes(what) ? sheddingUntil : sheddingFrom);

  function find(): Shedding[] {
    const found: Shedding[] = [];
    if (isHigh('heap')) found.push('heap');
    if (isHigh('memory')) found.push('memory');
    // One: the next newcomer would be refused.
    if (left() <= kept + (shedding.includes('descriptors') ? Math.ceil(kept / 8) : 1)) found.push('descriptors');
    return found;
  }

  function words(what: Shedding): string {
    if (what === 'descriptors') {
      return `${descriptors?.open()} of ${descriptors?.limit} file descriptors are open (ulimit -n)`;
    }
    if (what === 'memory') return `${Math.round(load.memory * 100)} % of the memory is used (limits.memory)`;
    return `${formatBytes(load.heapLeftBytes)} of the heap are left (maxHeap)`;
  }

  function relieve(): void {
    ticksToRelief = Math.max(0, ticksToRelief - 1);
    const full = (['heap', 'memory'] as const).find((what) => load[what] >= nearlyFullFrom);
    if (full === undefined || ticksToRelief > 0) return;
    ticksToRelief = ticksBetweenRelief;
    options.onNearlyFull(words(full));
  }

  const pressure: Pressure = {
    get shedding() {
      return shedding;
    },
    why() {
      // Descriptors can be gone within one tick.
      if (left() <= kept) return words('descriptors');
      return shedding.length === 0 ? undefined : shedding.map(words).join(', ');
    },
    isFull(listener) {
      descriptors?.opened();
      return left() <= kept / (listener === 'internal' ? 8 : 2);
    },
    enoughFor: Math.max(0, left() - kept - 1),
    tick() {
      load = measure();
      const found = find();
      const isNews = found.join() !== shedding.join();
      shedding = found;
      if (isNews) options.onChange(found, found.map(words).join(', '));
      if (found.includes('descriptors')) options.endIdle();
      relieve();
    },
    start() {
      pressure.tick();
      timer ??= setInterval(() => pressure.tick(), tickMs);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };
  return pressure;
}
