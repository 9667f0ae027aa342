import type { NodePing } from '../api/command.ts';
import type { NodeStats } from '../api/stats.ts';
import { formatAge, formatCount, formatMs } from '../util/figures.ts';
import type { Listing } from './output/printer.ts';
import type { Column } from './output/table.ts';
import { type NodeRow, nodeFields, ofAnswered } from './stats/snapshot.ts';

const columns: readonly Column<NodeStats>[] = [
  { header: 'NODE', cell: ({ node }) => node },
  { header: 'STATE', cell: ({ state }) => state },
  { header: 'VERDICT', cell: ({ health }) => health.verdict },
  { header: 'UP', cell: ({ uptimeSeconds }) => formatAge(uptimeSeconds), align: 'right', priority: 3 },
  { header: 'CONNS', cell: ({ connections }) => formatCount(connections), align: 'right' },
  { header: 'USERS', cell: ({ users }) => formatCount(users), align: 'right', priority: 4 },
  { header: 'GROUPS', cell: ({ groups }) => formatCount(groups), align: 'right', priority: 5 },
  { header: 'HTTP', cell: ({ addresses }) => addresses.join(' '), priority: 1 },
  { header: 'RPC', cell: ({ rpcAddress }) => rpcAddress ?? '-', priority: 2 },
  { header: 'VERSION', cell: ({ version }) => version, priority: 6 },
];

/** Who is there, and where; what each counts is in `stats`. */
export const nodeListing: Listing<NodeRow> = {
  schema: 'yunque.nodes/1',
  rowSchema: 'yunque.node/1',
  columns: columns.map(ofAnswered),
  fields: [...nodeFields, 'version', 'addresses', 'rpcAddress'],
};

export const pingListing: Listing<NodePing> = {
  schema: 'yunque.pings/1',
  rowSchema: 'yunque.ping/1',
  columns: [
    { header: 'NODE', cell: ({ node }) => node },
    { header: 'FROM', cell: ({ from }) => from, priority: 1 },
    { header: 'RTT', cell: ({ ms }) => (ms === undefined ? 'no answer' : formatMs(ms)), align: 'right' },
  ],
  fields: ['node', 'from', 'ms'],
};
