import type { PreviewCommand } from '../api/command.ts';
import type { Dialect } from '../api/dialect.ts';
import type { SendPreview } from '../api/preview.ts';
import { select } from '../registry/select.ts';
import type { NodeContext } from './node-context.ts';
import { requireSystem } from './require-system.ts';

/** Connections that are counted at once; then others have their turn. */
const slice = 5000;

/** Who would get a push, of those on this node. Throws `unknown_system`. */
export async function handlePreview(node: NodeContext, command: PreviewCommand): Promise<SendPreview> {
  const { system, target, exclude } = command;
  await requireSystem(node, system);
  const { connections, ...missed } = select(node.registry, system, target, exclude);
  const dialects: Partial<Record<Dialect, number>> = {};
  let matched = 0;
  for (const { dialect } of connections) {
    dialects[dialect] = (dialects[dialect] ?? 0) + 1;
    matched += 1;
    if (matched % slice === 0) await new Promise(setImmediate);
  }
  return { matched, nodes: matched > 0 ? { [node.nodeId]: matched } : {}, dialects, ...missed, missingNodes: [] };
}
