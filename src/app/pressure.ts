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
  /** The heap seems short: asked to drop what is garbage, which counts as used. Seldom where it does not help. */
  readonly collectGarbage: () => void;
  /** Milliseconds on a clock that is never set back. */
  readonly now?: () => number;
}

export interface Pressure {
  /** What runs out, as it is now. */
  readonly shedding: readonly Shedding[];
  /** The same in words, asked for each newcomer; undefined: nothing does. */
  why(): string | undefined;
  /**
   * Asked for each TCP connection: whether to turn it away unheard. Those of a crowd are from 90 % of the memory on; what is
   * left of the descriptors is kept for the internal listener, and the last of them for the operator’s socket and the node’s own files.
   */
  isFull(listener: 'public' | 'internal'): boolean;
  /** Connections there are descriptors for; infinite where they are not limited. */
  readonly enoughFor: number;
  tick(): void;
  start(): void;
  stop(): void;
}

const tickMs = 500;
/**
 * A crowd that comes in keeps the loop so busy that the timer stands still. So whoever comes in has it measured again after so
 * long, or after so many others: they take less than a MiB, and the measuring some microseconds.
 */
const freshMs = 5;
const newcomersPerMeasure = 16;
/** More than this are a crowd. Below it those who push or look, and the node’s own probe, come in however little is left. */
const crowdPerMs = 1;
/** From the first part on newcomers are refused, until it has sunk to the second; from the third on something has to go. */
const sheddingFrom = 0.85;
const sheddingUntil = 0.8;
const nearlyFullFrom = 0.95;
/** Each connection of a crowd takes memory before it can be refused. */
const crowdAwayFrom = 0.9;
const ticksBetweenRelief = 10;
/** Between two collections of garbage while the heap is short: at first, and, twice as many each time, at most. */
const ticksToCollect = { first: 4, most: 600 };
/** Descriptors that clients do not get: HTTP requests and the node’s own files may take them. */
const keptDescriptors = 64;

/** Notices what runs out before it has run out. */
export function createPressure(options: PressureOptions): Pressure {
  const { measure, descriptors, now = () => performance.now() } = options;
  const kept = descriptors === undefined ? 0 : Math.min(keptDescriptors, Math.floor(descriptors.limit / 4));
  let load: Load = { heap: 0, heapLeftBytes: 0, memory: 0 };
  let measuredAt = Number.NEGATIVE_INFINITY;
  let newcomers = 0;
  let isCrowd = false;
  let shedding: readonly Shedding[] = [];
  let told: readonly Shedding[] = [];
  let ticksToRelief = 0;
  let collecting = { afterTicks: 0, next: ticksToCollect.first };
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

  function look(): void {
    const last = measuredAt;
    measuredAt = now();
    isCrowd = newcomers > (measuredAt - last) * crowdPerMs;
    newcomers = 0;
    load = measure();
    shedding = find();
  }

  function onNewcomer(): void {
    newcomers += 1;
    if (newcomers >= newcomersPerMeasure || now() - measuredAt >= freshMs) look();
  }

  function words(what: Shedding): string {
    if (what === 'descriptors') {
      return `${descriptors?.open()} of ${descriptors?.limit} file descriptors are open (ulimit -n)`;
    }
    if (what === 'memory') return `${Math.round(load.memory * 100)} % of the memory is used (limits.memory)`;
    return `${formatBytes(load.heapLeftBytes)} of the heap are left (maxHeap)`;
  }

  function collect(): void {
    if (!shedding.includes('heap')) {
      collecting = { afterTicks: 0, next: ticksToCollect.first };
      return;
    }
    collecting.afterTicks -= 1;
    if (collecting.afterTicks > 0) return;
    collecting = { afterTicks: collecting.next, next: Math.min(2 * collecting.next, ticksToCollect.most) };
    options.collectGarbage();
    look();
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
      onNewcomer();
      // Descriptors can be gone within one tick.
      if (left() <= kept) return words('descriptors');
      return shedding.length === 0 ? undefined : shedding.map(words).join(', ');
    },
    isFull(listener) {
      descriptors?.opened();
      onNewcomer();
      if (isCrowd && listener === 'public' && Math.max(load.heap, load.memory) >= crowdAwayFrom) return true;
      return left() <= kept / (listener === 'internal' ? 8 : 2);
    },
    enoughFor: Math.max(0, left() - kept - 1),
    tick() {
      look();
      collect();
      const isNews = shedding.join() !== told.join();
      told = shedding;
      if (isNews) options.onChange(shedding, shedding.map(words).join(', '));
      if (shedding.includes('descriptors')) options.endIdle();
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
