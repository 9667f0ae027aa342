import type { Directory } from '../../src/directory/directory.ts';
import { MemoryDirectory } from '../../src/directory/memory.ts';
import { createCachedCluster } from '../support/cached-cluster.ts';
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

testDirectory('as caches of a store, on three nodes, each login on its own', async () => {
  const { nodes } = await createCachedCluster();
  return ofNodes(new Map(nodes.map(({ id, context }) => [id, context.directory])));
});

/** Logins are their own node's, all else is asked of another of the directories each time. */
function ofNodes(directories: ReadonlyMap<string, Directory>): Directory {
  const any = spread([...directories.values()]);
  return {
    ...any,
    login: (route) => directories.get(route.node)?.login(route) ?? Promise.reject(new Error(`no node ${route.node}`)),
  };
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
