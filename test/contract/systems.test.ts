import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemorySystems } from '../../src/store/memory-systems.ts';
import { SqliteSystems } from '../../src/store/sqlite-systems.ts';
import { testSystems } from './systems.ts';

testSystems('memory', async () => {
  const systems = new MemorySystems();
  return { systems, [Symbol.asyncDispose]: () => systems.close() };
});

testSystems('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-systems-'));
  const systems = new SqliteSystems(join(folder, 'systems.db'));
  return {
    systems,
    [Symbol.asyncDispose]: async () => {
      await systems.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
