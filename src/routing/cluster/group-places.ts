import type { ClusterDirectory } from '../../directory/cluster-directory.ts';
import type { Awaitable } from '../../util/awaitable.ts';

/** Tells the directory which groups have members on this node. */
export class GroupPlaces {
  readonly #directory: Pick<ClusterDirectory, 'enterGroup' | 'leaveGroup'>;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(directory: Pick<ClusterDirectory, 'enterGroup' | 'leaveGroup'>) {
    this.#directory = directory;
  }

  onGroup(system: string, group: string, isHere: boolean): void {
    const told = isHere ? this.#directory.enterGroup(system, group) : this.#directory.leaveGroup(system, group);
    if (!(told instanceof Promise)) return;
    const done = told.finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  /** Resolves when the others know of every group that has come or gone by now. */
  known(): Awaitable<void> {
    if (this.#underWay.size > 0) return Promise.all(this.#underWay).then(() => {});
  }
}
