import type { Directory } from '../../src/directory/directory.ts';
import { MemoryDirectory } from '../../src/directory/memory.ts';
import { createFakeCluster } from '../support/fake-cluster.ts';
import { createRandom, pick } from '../support/random.ts';
import { testDirectory } from './directory.ts';

testDirectory('in memory', async () => new MemoryDirectory());

testDirectory('as a replica, alone', async () => {
  const { nodes } = await createFakeCluster(['n1']);
  return spread(nodes.map(({ context }) => context.directory));
});

for (const seed of [1, 2, 3]) {
  testDirectory(`as replicas on three nodes, each call on any of them (seed ${seed})`, async () => {
    const { nodes } = await createFakeCluster();
    return spread(
      nodes.map(({ context }) => context.directory),
      seed,
    );
  });
}

/** Asks another of the directories each time: what one has answered, the next must know. */
function spread(directories: readonly Directory[], seed = 1): Directory {
  const random = createRandom(seed);
  const any = (): Directory => {
    const directory = directories[pick(random, directories.length)];
    if (directory === undefined) throw new Error('there is none');
    return directory;
  };
  return {
    login: (route) => any().login(route),
    logout: (login) => any().logout(login),
    routes: (system, uid) => any().routes(system, uid),
    close: async () => {
      for (const directory of directories) await directory.close();
    },
  };
}
