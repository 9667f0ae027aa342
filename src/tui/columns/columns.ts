import type { ConnectionInfo, GroupInfo, SystemInfo } from '../../api/listing.ts';
import type { Column } from '../draw/table.ts';
import type { Glyphs } from '../draw/theme.ts';
import type { View, ViewState } from '../state/view-state.ts';
import { clientColumns } from './client-columns.ts';
import type { LocalColumn } from './column-kit.ts';
import { type EventRow, eventColumns } from './event-columns.ts';
import { createGroupColumns } from './group-columns.ts';
import { createMessageColumns, type MessageRow } from './message-columns.ts';
import { createNodeColumns, type NodeRow } from './node-columns.ts';
import { createQueueColumns, type QueueRow } from './queue-columns.ts';
import { createSlowColumns } from './slow-columns.ts';
import { createSystemColumns } from './system-columns.ts';

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

/** The columns of all views, with what is done in a second, and with all that was done. */
export function createColumns(glyphs: Glyphs): Columns {
  const of = (figures: ViewState['figures']): ViewColumns => ({
    nodes: createNodeColumns(glyphs, figures),
    clients: clientColumns,
    groups: createGroupColumns(glyphs),
    systems: createSystemColumns(glyphs),
    messages: createMessageColumns(glyphs),
    slow: createSlowColumns(glyphs),
    events: eventColumns,
    queues: createQueueColumns(glyphs, figures),
  });
  return { rates: of('rates'), totals: of('totals') };
}
