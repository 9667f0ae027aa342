import { connectionFields, groupFields, systemFields } from '../../api/list-fields.ts';
import { figuresOf } from '../columns/queue-columns.ts';
import { rowsOf } from '../columns/rows.ts';
import type { Snapshot } from '../feed/snapshot.ts';
import type { View } from '../state/view-state.ts';
import { onceState, textColumns } from './once.ts';
import { nodeRecordFields, nodeRecords } from './records.ts';

/** The rows of a view as flat objects, for csv and plain, and their columns. */
export interface ViewRecords {
  readonly rowSchema: string;
  readonly fields: readonly string[];
  readonly items: readonly object[];
}

const messageFields = [
  'time',
  'node',
  'system',
  'direction',
  'door',
  'messageId',
  'target',
  'cid',
  'uid',
  'kind',
  'bytes',
  'matched',
  'delivered',
  'dropped',
  'isRedacted',
  'isCut',
  'body',
];
const eventFields = ['time', 'node', 'sequence', 'type', 'system', 'cid', 'uid', 'more'];
const queueFields = [
  'node',
  'way',
  'name',
  'kind',
  'state',
  'lag',
  'done',
  'perSecond',
  'failed',
  'dropped',
  'failure',
];

export function viewRecords(snapshot: Snapshot, view: View, filter: string): ViewRecords {
  const state = onceState({ view, filter });
  const rows = <V extends View>(of: V) => rowsOf(of, snapshot, state, textColumns());
  switch (view) {
    case 'nodes':
      return { rowSchema: 'yunque.top.node/1', fields: nodeRecordFields, items: nodeRecords(snapshot, filter) };
    case 'clients':
    case 'slow':
      return { rowSchema: 'yunque.client/1', fields: connectionFields, items: rows(view) };
    case 'groups':
      return { rowSchema: 'yunque.group/1', fields: groupFields, items: rows(view) };
    case 'systems':
      return { rowSchema: 'yunque.system/1', fields: systemFields, items: rows(view) };
    case 'messages':
      return {
        rowSchema: 'yunque.top.message/1',
        fields: messageFields,
        items: rows(view).map(({ item: { target, dropped, ...rest } }) => ({
          ...rest,
          ...(target && { target: JSON.stringify(target) }),
          ...(dropped && { dropped: Object.values(dropped).reduce((sum, count) => sum + count, 0) }),
        })),
      };
    case 'events':
      return {
        rowSchema: 'yunque.top.event/1',
        fields: eventFields,
        items: rows(view).map(({ item }) => {
          const named = Object.entries(item).filter(([name]) => eventFields.includes(name));
          const more = Object.entries(item).filter(([name]) => !eventFields.includes(name));
          return { ...Object.fromEntries(named), more: JSON.stringify(Object.fromEntries(more)) };
        }),
      };
    case 'queues':
      return { rowSchema: 'yunque.top.queue/1', fields: queueFields, items: rows(view).map(queueRecord) };
  }
}

function queueRecord(row: Parameters<typeof figuresOf>[0]): object {
  const { name, kind, state, failure = '' } = figuresOf(row);
  const figures =
    row.way === 'in'
      ? {
          lag: row.door.lag ?? '',
          done: row.door.messages,
          perSecond: row.door.perSecond,
          failed: row.door.parked,
          dropped: '',
        }
      : {
          lag: row.sink.waiting,
          done: row.sink.sent,
          perSecond: '',
          failed: row.sink.failed,
          dropped: row.sink.dropped,
        };
  return { node: row.node, way: row.way, name, kind, state, ...figures, failure };
}
