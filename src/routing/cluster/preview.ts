import type { Execute, PreviewCommand } from '../../api/command.ts';
import { dialects } from '../../api/dialect.ts';
import type { SendPreview } from '../../api/preview.ts';
import type { Cluster } from '../../bus/cluster/cluster.ts';
import { askEach } from './notes.ts';
import type { Placement } from './placement.ts';
import { withoutFound } from './push.ts';

export interface Previewing {
  readonly cluster: Cluster;
  readonly placement: Placement;
  /** This node's part. */
  readonly here: Execute;
}

/** Who would get a push, over all nodes that it concerns; as with a receipt, nobody is missed who may be on a silent one. */
export async function previewEverywhere(parts: Previewing, command: PreviewCommand): Promise<SendPreview> {
  const { cluster, placement, here } = parts;
  const places = await placement.ofTarget(command.system, command.target);
  const bodies = new Map([...places].map(([node, target]) => [node, { ...command, target }]));
  const [own, { answers, missing }] = await Promise.all([here(command), askEach(cluster, bodies, 'part')]);
  const found = new Map([...answers].map(([node, { result }]) => [node, result as SendPreview]));
  const all = [own, ...found.values()];
  const others = [...places].map(([node, target]) => ({ target, receipt: found.get(node) }));
  const { offline, unknown } = own;
  return {
    matched: all.reduce((sum, { matched }) => sum + matched, 0),
    nodes: Object.fromEntries(all.flatMap(({ nodes }) => Object.entries(nodes))),
    dialects: Object.fromEntries(
      dialects.flatMap((dialect) => {
        const count = all.reduce((sum, each) => sum + (each.dialects[dialect] ?? 0), 0);
        return count > 0 ? [[dialect, count]] : [];
      }),
    ),
    ...(offline && { offline: withoutFound(offline, others, 'offline') }),
    ...(unknown && { unknown: withoutFound(unknown, others, 'unknown') }),
    missingNodes: [...new Set(missing)],
  };
}
