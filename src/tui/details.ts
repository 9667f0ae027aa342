import type { ConnectionInfo } from '../api/listing.ts';
import { sanitizeLine } from '../util/control-characters.ts';
import { formatAge, formatBytes, formatExact, formatMs, formatRate, unknown } from '../util/figures.ts';
import type { ViewColumns } from './columns.ts';
import { jsonLines } from './json-lines.ts';
import { openRow } from './rows.ts';
import type { NodeSample, Snapshot } from './snapshot.ts';
import type { ViewState } from './view-state.ts';

/** A line of a details view: what it is, and its value, safe to print. */
export type Detail = readonly [label: string, value: string];

export function clientDetails(row: ConnectionInfo): readonly Detail[] {
  return [
    ['uid', sanitizeLine(row.uid ?? '') || 'not bound'],
    ['clientId', sanitizeLine(row.clientId) || 'not made yet'],
    ['cid', row.cid],
    ['system', sanitizeLine(row.system)],
    ['node', sanitizeLine(row.node)],
    ['dialect', row.dialect],
    ['remote address', sanitizeLine(row.remoteAddress)],
    ['device', sanitizeLine([row.deviceName, row.deviceId].filter(Boolean).join(', ')) || unknown],
    ['channel', sanitizeLine(row.channel ?? '') || unknown],
    ['connected', `${formatTime(row.connectedAt)} (${formatAge(row.ageSeconds)} ago)`],
    ['bound', row.boundAt === undefined ? unknown : formatTime(row.boundAt)],
    ['last frame from it', `${formatAge(row.idleSeconds)} ago`],
    ['delivered', `${formatExact(row.delivered)} messages`],
    ['dropped', `${formatExact(row.dropped)} messages`],
    ['queue', formatBytes(row.queueBytes)],
    ['groups', sanitizeLine(row.groups.join(', ')) || 'none'],
  ];
}

export function nodeDetails({ stats, rates }: NodeSample): readonly Detail[] {
  return [
    ['node', `${sanitizeLine(stats.node)}, ${stats.state}, version ${sanitizeLine(stats.version)}, pid ${stats.pid}`],
    ['health', [stats.health.verdict, ...stats.health.reasons.map(sanitizeLine)].join(', ')],
    ['addresses', sanitizeLine(stats.addresses.join(', '))],
    ['started', `${formatTime(stats.startedAt)} (${formatAge(stats.uptimeSeconds)} ago)`],
    ['connections', `${formatExact(stats.connections)}, ${formatExact(stats.pending)} not bound yet`],
    ['by dialect', figures(stats.connectionsByDialect)],
    ['by system', figures(stats.connectionsBySystem)],
    [
      'users',
      `${formatExact(stats.users)}, groups ${formatExact(stats.groups)}, systems ${formatExact(stats.systems)}`,
    ],
    ['messages in', `${formatExact(stats.messagesInTotal)}, ${formatRate(rates?.in)}/s, ${figures(stats.messagesIn)}`],
    ['delivered', `${formatExact(stats.deliveriesTotal)}, ${formatRate(rates?.out)}/s, ${figures(stats.deliveries)}`],
    ['dropped', `${formatExact(stats.droppedTotal)}, ${formatRate(rates?.dropped)}/s, ${figures(stats.dropped)}`],
    ['disconnects', figures(stats.disconnects)],
    ['refused', figures(stats.refused)],
    ['queues', `${formatBytes(stats.outboxBytes)}, ${formatExact(stats.slowClients)} slow clients`],
    [
      'loop lag',
      `mean ${formatMs(stats.eventLoopLagMs.mean)}, p99 ${formatMs(stats.eventLoopLagMs.p99)}, max ${formatMs(stats.eventLoopLagMs.max)}`,
    ],
    [
      'memory',
      `${formatBytes(stats.memory.rss)}, heap ${formatBytes(stats.memory.heapUsed)} of ${formatBytes(stats.memory.heapTotal)}`,
    ],
    ...(figures(stats.lostLogLines) === 'none' ? [] : [['log lines lost', figures(stats.lostLogLines)] as const]),
    ['probe', stats.probeMs === undefined ? 'no answer yet, or it failed' : formatMs(stats.probeMs)],
  ];
}

/** Of the open row. */
export function overlayDetails(snapshot: Snapshot, state: ViewState, columns: ViewColumns): readonly Detail[] {
  const { view } = state;
  if (view === 'nodes') {
    const row = openRow(view, snapshot, state, columns);
    return row?.kind === 'answered' ? nodeDetails(row.sample) : [['node', 'it does not answer; Esc goes back']];
  }
  if (view === 'clients' || view === 'slow') {
    const row = openRow(view, snapshot, state, columns);
    return row ? clientDetails(row) : [['client', 'it has left; Esc goes back']];
  }
  const row = openRow(view, snapshot, state, columns);
  if (!row) return [[view, 'it is gone; Esc goes back']];
  return jsonLines(snapshot, state, columns).map((line, index): Detail => [index === 0 ? view : '', line]);
}

/** The largest first, zeros left out. */
function figures(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  if (some.length === 0) return 'none';
  return some
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${sanitizeLine(name)}: ${formatExact(count)}`)
    .join(', ');
}

/** Local date and time, `2026-03-01 14:03:22`. */
function formatTime(epochMs: number): string {
  return new Date(epochMs).toLocaleString('sv-SE');
}
