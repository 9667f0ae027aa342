import { createSlices } from '../../util/slices.ts';
import type { NodeContext } from '../node-context.ts';
import type { SharedNames } from './shared-names.ts';

/** The groups with members on one node, for a count of all nodes' groups in which each is counted once. */
export interface GroupCount {
  /** Those that are this node's to count. */
  readonly counted: number;
  /** By system: those of which it does not know who else has them. */
  readonly unsure: readonly (readonly [system: string, groups: readonly string[]])[];
}

/** Names that are told at most; what is above that is counted by each node that has it. */
const mostUnsure = 10_000;

export async function countGroupsHere(
  { registry }: Pick<NodeContext, 'registry'>,
  sharedNames: SharedNames,
): Promise<GroupCount> {
  const slices = createSlices();
  const unsure: [string, string[]][] = [];
  let [counted, told, looked] = [0, 0, 0];
  for (const { id, groups } of registry.systems) {
    const names: string[] = [];
    for (const name of [...groups.keys()]) {
      looked += 1;
      if (looked % 128 === 0 && slices.isOver) await slices.next();
      const standing = sharedNames.standingOf('groups', id, name);
      if (standing === undefined && told < mostUnsure) {
        told += 1;
        names.push(name);
      } else if (standing !== 'other') counted += 1;
    }
    if (names.length > 0) unsure.push([id, names]);
  }
  return { counted, unsure };
}

/** Over several nodes. */
export function countGroups(counts: readonly GroupCount[]): number {
  const unsure = new Map<string, Set<string>>();
  for (const [system, groups] of counts.flatMap((count) => count.unsure)) {
    const known = unsure.get(system);
    if (known === undefined) unsure.set(system, new Set(groups));
    else for (const group of groups) known.add(group);
  }
  const counted = counts.reduce((sum, count) => sum + count.counted, 0);
  return [...unsure.values()].reduce((sum, { size }) => sum + size, counted);
}
