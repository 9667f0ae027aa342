import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openSystemsFile } from '../../src/store/systems-file.ts';

/** A file of systems, keys and bans that goes with its folder. */
export async function openScratchFile(): Promise<AsyncDisposable & { readonly db: DatabaseSync }> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-systems-'));
  const db = openSystemsFile(join(folder, 'systems.db'));
  return {
    db,
    [Symbol.asyncDispose]: async () => {
      db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
