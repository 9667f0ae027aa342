import { MemoryBans } from '../../src/store/memory-bans.ts';
import { MemoryKeys } from '../../src/store/memory-keys.ts';
import { MemorySystems } from '../../src/store/memory-systems.ts';
import { SqliteSystems } from '../../src/store/sqlite-systems.ts';
import { redisStores } from '../support/redis-stores.ts';
import { copiedStores } from '../support/store-copies.ts';
import { openScratchFile } from '../support/systems-file.ts';
import { testSystems } from './systems.ts';

testSystems('memory', async () => ({ systems: new MemorySystems(), [Symbol.asyncDispose]: async () => {} }));

testSystems('sqlite', async () => {
  const { db, ...scratch } = await openScratchFile();
  return { ...scratch, systems: new SqliteSystems(db) };
});

testSystems('copied, written through one copy and read from another', async () => {
  const { systems } = await copiedStores({
    systems: new MemorySystems(),
    keys: new MemoryKeys(),
    bans: new MemoryBans(),
  });
  return { systems, [Symbol.asyncDispose]: async () => {} };
});

testSystems('in Redis, written through one copy and read from another', redisStores);
