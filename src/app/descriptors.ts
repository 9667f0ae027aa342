import { readdirSync, statSync } from 'node:fs';
import { descriptorLimit } from '../util/descriptor-limit.ts';

/** Open files and sockets of this process, and how many there may be. */
export interface Descriptors {
  readonly limit: number;
  /** Cheap enough to be asked for each connection. */
  open(): number;
  /** A socket has been accepted: for systems that cannot say cheaply how many are open. */
  opened(): void;
}

/** For people who look, and for the programs that hold such figures. A directory with a row for each open descriptor. */
const directories: Readonly<Partial<Record<NodeJS.Platform, string>>> = { linux: '/proc/self/fd', darwin: '/dev/fd' };
/** More than these came, or this long ago: what was counted says too little. */
const plentyOf = 64;
const staleMs = 100;
/** Counting may take this part of the time. */
const countingShare = 0.01;

/** Undefined where this system has no such limit, or does not tell it (Windows). */
export function findDescriptors(): Descriptors | undefined {
  const directory = directories[process.platform];
  const limit = descriptorLimit();
  if (directory === undefined || limit === undefined) return undefined;
  // Linux 6.2 and newer: the size of the directory is their number.
  const isSizeTheirNumber = process.platform === 'linux' && statSync(directory).size > 0;
  if (isSizeTheirNumber) return countedWhereFew(limit, () => statSync(directory).size);
  return countedNowAndThen(limit, () => readdirSync(directory).length);
}

/** Counting costs a system call. While there is plenty of room it is done now and then, and every socket accepted since is taken to be open. */
export function countedWhereFew(limit: number, count: () => number, now = () => performance.now()): Descriptors {
  let counted = limit;
  let since = 0;
  let countedAt = Number.NEGATIVE_INFINITY;
  const littleRoom = Math.max(8 * plentyOf, limit / 8);
  return {
    limit,
    open() {
      const at = now();
      if (limit - counted - since < littleRoom || since > plentyOf || at - countedAt > staleMs) {
        counted = count();
        since = 0;
        countedAt = at;
      }
      return counted + since;
    },
    opened: () => {
      since += 1;
    },
  };
}

/** Between two counts every socket that was accepted is taken to be open: too many rather than too few. */
export function countedNowAndThen(limit: number, count: () => number, now = () => performance.now()): Descriptors {
  let counted = 0;
  let since = 0;
  let countAgainAt = Number.NEGATIVE_INFINITY;
  return {
    limit,
    open() {
      const started = now();
      if (started >= countAgainAt) {
        counted = count();
        since = 0;
        const ended = now();
        countAgainAt = ended + Math.max(100, (ended - started) / countingShare);
      }
      return counted + since;
    },
    opened: () => {
      since += 1;
    },
  };
}
