import { MemoryBans } from '../../src/store/memory-bans.ts';
import { MemorySystems } from '../../src/store/memory-systems.ts';
import { SqliteBans } from '../../src/store/sqlite-bans.ts';
import { SqliteSystems } from '../../src/store/sqlite-systems.ts';
import { openScratchFile } from '../support/systems-file.ts';
import { testBans } from './bans.ts';

testBans('memory', async () => ({
  systems: new MemorySystems(),
  bans: new MemoryBans(),
  [Symbol.asyncDispose]: async () => {},
}));

testBans('sqlite', async () => {
  const { db, ...scratch } = await openScratchFile();
  return { ...scratch, systems: new SqliteSystems(db), bans: new SqliteBans(db) };
});
