import { CachedDirectory } from '../../directory/cached.ts';
import type { DirectoryLinks } from '../../directory/cluster-directory.ts';
import { RoutePurge } from '../../directory/redis/purge.ts';
import { RedisRoutes } from '../../directory/redis/routes.ts';
import type { Owned } from '../owned.ts';
import type { Shared } from './open-shared.ts';

export interface SharedRoutes {
  createDirectory(links: DirectoryLinks): CachedDirectory;
  /** Once it is known who is alive: what those that are not have left is removed, again and again. */
  startPurge(): void;
}

/** Routes of users and groups: in Redis, with a cache in front of it. */
export function createSharedRoutes(
  { redis, leases }: Pick<Shared, 'redis' | 'leases'>,
  { cluster, node }: { readonly cluster: string; readonly node: string },
  owned: Owned,
): SharedRoutes {
  const { client } = redis;
  const incarnation = () => leases.incarnation ?? 0;
  const isAlive = (id: string, start: number) =>
    leases.members.some((member) => member.id === id && member.incarnation === start);
  const purge = new RoutePurge({ client, cluster, node, incarnation, members: () => leases.members });
  owned.add('the removal of routes', () => purge.close());
  return {
    createDirectory(links) {
      const store = new RedisRoutes({ client, cluster, node, incarnation });
      const directory = new CachedDirectory({ ...links, store, incarnation, isAlive });
      leases.watch({ onReentry: () => directory.reenter() });
      owned.add('the directory', () => directory.close());
      return directory;
    },
    startPurge: () => purge.start(),
  };
}
