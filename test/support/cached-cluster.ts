import { CachedDirectory } from '../../src/directory/cached.ts';
import type { RouteStore } from '../../src/directory/route-store.ts';
import { createFakeCluster, type FakeCluster, type FakeClusterOptions } from './fake-cluster.ts';
import { MemoryRouteServer } from './memory-route-store.ts';

export interface CachedCluster extends FakeCluster {
  readonly server: MemoryRouteServer;
  /** By node. */
  readonly directories: ReadonlyMap<string, CachedDirectory>;
  /** Nodes whose leases have ended although they are there. */
  readonly dead: Set<string>;
}

export interface CachedClusterOptions extends FakeClusterOptions {
  readonly server?: MemoryRouteServer;
  /** Absent: in `server`. */
  readonly storeOf?: (node: string, incarnation: () => number) => RouteStore;
  readonly mostHeld?: number;
  readonly mostUnwritten?: number;
  readonly lookupMs?: number;
}

/** Nodes of this process whose routes are written to a store in this process. */
export async function createCachedCluster(
  ids: readonly string[] = ['n1', 'n2', 'n3'],
  {
    server = new MemoryRouteServer(),
    storeOf = (node, incarnation) => server.storeOf(node, incarnation),
    mostHeld = 1000,
    mostUnwritten = 1000,
    lookupMs = 60_000,
    ...options
  }: CachedClusterOptions = {},
): Promise<CachedCluster> {
  const directories = new Map<string, CachedDirectory>();
  const dead = new Set<string>();
  const starts = new Map<string, number>();
  const cluster = await createFakeCluster(ids, {
    ...options,
    createDirectory: (links, { id, incarnation }) => {
      starts.set(id, incarnation);
      const directory = new CachedDirectory({
        ...links,
        store: storeOf(id, () => starts.get(id) ?? 0),
        incarnation: () => starts.get(id) ?? 0,
        isAlive: (node, start) => starts.get(node) === start && !dead.has(node),
        ...{ mostHeld, mostUnwritten, lookupMs, retryMs: 5, verifyMs: 60_000 },
      });
      directories.set(id, directory);
      return directory;
    },
  });
  return Object.assign(Object.create(cluster) as FakeCluster, { server, directories, dead });
}
