import { busyShare } from '../../../src/load/limits.ts';
import type { SteadyFigures } from './steady.ts';

/** Share of its time that the thread with the clients may wait for a processor before its latencies are its own doing. */
const mostWaiting = 0.1;
/** Messages that may leave late: a p99 is made by one in a hundred. */
const mostLate = 0.01;

/** Whether the bench itself had too little processor to read what came when it came, or to send when it meant to. */
export function isStarved({ clientsShare, clientsBusyShare, lateShare }: SteadyFigures): boolean {
  return clientsBusyShare > busyShare || clientsBusyShare - clientsShare > mostWaiting || lateShare > mostLate;
}

export const starvedWhy = 'sender or receivers were starved of a processor';

/** What a reader has to know, where pairs were left out. */
export function starvedNotes(unsound: number): readonly string[] {
  if (unsound === 0) return [];
  return [`${unsound} ${unsound === 1 ? 'pair was' : 'pairs were'} not judged: ${starvedWhy}.`];
}
