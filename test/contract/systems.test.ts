import { MemorySystems } from '../../src/store/memory-systems.ts';
import { SqliteSystems } from '../../src/store/sqlite-systems.ts';
import { openScratchFile } from '../support/systems-file.ts';
import { testSystems } from './systems.ts';

testSystems('memory', async () => ({ systems: new MemorySystems(), [Symbol.asyncDispose]: async () => {} }));

testSystems('sqlite', async () => {
  const { db, ...scratch } = await openScratchFile();
  return { ...scratch, systems: new SqliteSystems(db) };
});
