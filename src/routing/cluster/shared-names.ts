import type { ClusterDirectory } from '../../directory/cluster-directory.ts';
import type { Awaitable } from '../../util/awaitable.ts';

type Kind = 'users' | 'groups';
/** Whose it is to show or count a user or group of this node: nobody else's, or of several its own or another's; undefined: not known. */
type Standing = 'alone' | 'first' | 'other' | undefined;

export interface SharedNamesOptions {
  readonly self: string;
  readonly directory: Pick<ClusterDirectory, 'nodesOf' | 'groupNodes'>;
  /** Nodes may have users and groups of which they have not told. */
  readonly isUnsure: () => boolean;
}

export interface SharedNames {
  /** Of a user or group that this node has. Asks nobody, and what is not known at once is not known. */
  standingOf(kind: Kind, system: string, name: string): Standing;
}

export function createSharedNames({ self, directory, isUnsure }: SharedNamesOptions): SharedNames {
  return {
    standingOf(kind, system, name) {
      if (isUnsure()) return undefined;
      const told = kind === 'users' ? directory.nodesOf(system, name) : directory.groupNodes(system, name);
      const nodes = knownNow(told);
      if (nodes?.includes(self) !== true) return undefined;
      if (nodes.length === 1) return 'alone';
      return nodes.every((node) => node >= self) ? 'first' : 'other';
    },
  };
}

function knownNow(told: Awaitable<readonly string[] | undefined>): readonly string[] | undefined {
  if (!(told instanceof Promise)) return told;
  // Nobody waits for it.
  told.catch(() => {});
  return undefined;
}
