import type { HistoryCommand } from '../api/command.ts';
import { type HistoryAnswer, historyLimit } from '../api/history.ts';
import type { Connection } from '../registry/connection.ts';
import { connectionRow } from '../registry/rows.ts';
import { normalizeClientId } from '../wire/client-id.ts';
import type { NodeContext } from './node-context.ts';
import { requireSystem } from './require-system.ts';

/** What this node remembers of a client or user, and what it has of it now. Throws `unknown_system`. */
export async function handleHistory(node: NodeContext, { system, id }: HistoryCommand): Promise<HistoryAnswer> {
  await requireSystem(node, system);
  const name = normalizeClientId(id) ?? id;
  const now = Date.now();
  return {
    schema: 'yunque.history/1',
    id: name,
    system,
    items: node.history.of(system, name),
    connections: connectionsOf(node, system, name)
      .slice(0, historyLimit)
      .map((connection) => connectionRow(node.nodeId, connection, now)),
    since: { [node.nodeId]: node.history.since },
  };
}

function connectionsOf({ registry }: NodeContext, system: string, id: string): readonly Connection[] {
  const one = registry.find(system, id);
  const ofUser = registry.system(system)?.users.get(id)?.connections ?? [];
  return [...new Set([...(one === undefined ? [] : [one]), ...ofUser])];
}

/** Of several nodes together. */
export function mergeHistories(own: HistoryAnswer, others: readonly HistoryAnswer[]): HistoryAnswer {
  const all = [own, ...others];
  return {
    ...own,
    items: all
      .flatMap(({ items }) => items)
      .sort(
        (a, b) => a.time - b.time || (a.node < b.node ? -1 : 1) * Number(a.node !== b.node) || a.sequence - b.sequence,
      ),
    connections: all.flatMap(({ connections }) => connections),
    since: Object.assign({}, ...all.map(({ since }) => since)),
  };
}
