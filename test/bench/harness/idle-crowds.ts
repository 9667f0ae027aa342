import { idle } from '../peers/crowd-measures.ts';
import { released } from './released.ts';
import { type Bench, scaled } from './row.ts';

/** Of connections that do nothing; P6 and P7 read it. */
export function idleCrowds(bench: Bench) {
  return bench.once('idle crowds', () => released(bench, () => idle(crowdSize(bench), idleMs(bench))));
}

export function crowdSize(bench: Bench): number {
  return scaled(bench, 10 * bench.clients);
}

/** Pings come every 25 s: twice, or once where it has to be quick. */
function idleMs({ scale }: Bench): number {
  return scale >= 1 ? 50_000 : 26_000;
}
