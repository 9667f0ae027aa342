import { readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';

/** A data directory among those of all machines. */
export interface Home {
  /** Without line breaks. Equal: the very same directory on the same running machine, whose lock its one node holds. */
  readonly identity: string;
  /** For people: `host:directory`. */
  readonly words: string;
}

/**
 * By the boot of the machine where that is known, which tells clones of a machine and containers of two machines apart, else by its name;
 * and by device and inode, which tell a copy from the original. Throws where there is no such directory.
 */
export function homeOf(directory: string): Home {
  const path = resolve(directory);
  const { dev, ino } = statSync(path, { bigint: true });
  const machine = bootId() ?? `${hostname()} ${path}`;
  return { identity: JSON.stringify([machine, `${dev}:${ino}`]), words: `${hostname()}:${path}` };
}

/** Linux only. */
function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
