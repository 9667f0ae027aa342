import { MemoryBans } from '../../src/store/memory-bans.ts';
import { MemoryKeys } from '../../src/store/memory-keys.ts';
import { MemorySystems } from '../../src/store/memory-systems.ts';
import { SqliteBans } from '../../src/store/sqlite-bans.ts';
import { SqliteSystems } from '../../src/store/sqlite-systems.ts';
import { redisStores } from '../support/redis-stores.ts';
import { copiedStores } from '../support/store-copies.ts';
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

testBans('copied, written through one copy and read from another', async () => {
  const { systems, bans } = await copiedStores({
    systems: new MemorySystems(),
    keys: new MemoryKeys(),
    bans: new MemoryBans(),
  });
  return { systems, bans, [Symbol.asyncDispose]: async () => {} };
});

testBans('in Redis, written through one copy and read from another', redisStores);
