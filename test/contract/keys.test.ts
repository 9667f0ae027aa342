import { MemoryBans } from '../../src/store/memory-bans.ts';
import { MemoryKeys } from '../../src/store/memory-keys.ts';
import { MemorySystems } from '../../src/store/memory-systems.ts';
import { SqliteKeys } from '../../src/store/sqlite-keys.ts';
import { SqliteSystems } from '../../src/store/sqlite-systems.ts';
import { redisStores } from '../support/redis-stores.ts';
import { copiedStores } from '../support/store-copies.ts';
import { openScratchFile } from '../support/systems-file.ts';
import { testKeys } from './keys.ts';

testKeys('memory', async () => ({
  systems: new MemorySystems(),
  keys: new MemoryKeys(),
  [Symbol.asyncDispose]: async () => {},
}));

testKeys('sqlite', async () => {
  const { db, ...scratch } = await openScratchFile();
  return { ...scratch, systems: new SqliteSystems(db), keys: new SqliteKeys(db) };
});

testKeys('copied, written through one copy and read from another', async () => {
  const { systems, keys } = await copiedStores({
    systems: new MemorySystems(),
    keys: new MemoryKeys(),
    bans: new MemoryBans(),
  });
  return { systems, keys, [Symbol.asyncDispose]: async () => {} };
});

testKeys('in Redis, written through one copy and read from another', redisStores);
