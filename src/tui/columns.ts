import type { ConnectionInfo, GroupInfo, SystemInfo } from '../api/listing.ts';
import { clientColumns } from './client-columns.ts';
import type { LocalColumn } from './column-kit.ts';
import { type EventRow, eventColumns } from './event-columns.ts';
import { groupColumns } from './group-columns.ts';
import { type MessageRow, messageColumns } from './message-columns.ts';
import { createNodeColumns, type NodeRow } from './node-columns.ts';
import { type QueueRow, queueColumns } from './queue-columns.ts';
import { systemColumns } from './system-columns.ts';
import type { Column } from './table.ts';
import type { View, ViewState } from './view-state.ts';

/** What a row of each view is. */
export interface RowOf {
  nodes: NodeRow;
  clients: ConnectionInfo;
  groups: GroupInfo;
  systems: SystemInfo;
  messages: MessageRow;
  slow: ConnectionInfo;
  events: EventRow;
  queues: QueueRow;
}

/** Views whose rows come with every snapshot, and are filtered and sorted here. */
export type LocalView = 'nodes' | 'messages' | 'events' | 'queues';

export type ViewColumns = {
  readonly [V in View]: readonly (V extends LocalView ? LocalColumn<RowOf[V]> : Column<RowOf[V]>)[];
};

export type Columns = Readonly<Record<ViewState['figures'], ViewColumns>>;

/** The columns of all views, with what a node does in a second, and with all it has done. The spark glyphs depend on the terminal. */
export function createColumns(sparkLevels: string): Columns {
  const of = (figures: ViewState['figures']): ViewColumns => ({
    nodes: createNodeColumns(sparkLevels, figures),
    clients: clientColumns,
    groups: groupColumns,
    systems: systemColumns,
    messages: messageColumns,
    slow: clientColumns,
    events: eventColumns,
    queues: queueColumns,
  });
  return { rates: of('rates'), totals: of('totals') };
}
