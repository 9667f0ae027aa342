import type { ViewColumns } from '../columns/columns.ts';
import { openRow } from '../columns/rows.ts';
import { wrapText } from '../draw/wrap.ts';
import type { Snapshot } from '../feed/snapshot.ts';
import type { ViewState } from '../state/view-state.ts';
import { clientDetails } from './client-details.ts';
import type { Detail } from './detail.ts';
import { eventDetails, groupDetails, messageDetails, queueDetails, systemDetails } from './item-details.ts';
import { nodeDetails } from './node-details.ts';

/** Columns of the labels, with what parts them from the values. */
export const labelWidth = 20;

/** What is left out at both edges. */
const margins = 4;

/** Everything known of the open row, in lines that fit the screen: a long value goes on below, without a label. */
export function overlayDetails(snapshot: Snapshot, state: ViewState, columns: ViewColumns): readonly Detail[] {
  const width = state.size.columns - labelWidth - margins;
  return detailsOf(snapshot, state, columns).flatMap(([label, value, tone]) =>
    wrapText(value, width).map((line, index): Detail => [index === 0 ? label : '', line, tone]),
  );
}

function detailsOf(snapshot: Snapshot, state: ViewState, columns: ViewColumns): readonly Detail[] {
  const { view } = state;
  const open = <V extends typeof view>(of: V) => openRow(of, snapshot, state, columns);
  switch (view) {
    case 'nodes': {
      const row = open(view);
      return row?.kind === 'answered' ? nodeDetails(row.sample) : gone('node', 'does not answer');
    }
    case 'clients':
    case 'slow': {
      const row = open(view);
      if (row) return clientDetails(row);
      return snapshot.list?.page ? gone('client', view === 'slow' ? 'has caught up, or left' : 'has left') : asking;
    }
    case 'groups': {
      const row = open(view);
      return row ? groupDetails(row) : gone('group', 'has no members any more');
    }
    case 'systems': {
      const row = open(view);
      return row ? systemDetails(row) : gone('system', 'was removed');
    }
    case 'messages': {
      const row = open(view);
      return row ? messageDetails(row.item) : gone('message', 'was long ago');
    }
    case 'events': {
      const row = open(view);
      return row ? eventDetails(row.item) : gone('event', 'was long ago');
    }
    case 'queues': {
      const row = open(view);
      return row ? queueDetails(row) : gone('queue', 'is not there any more');
    }
  }
}

const asking: readonly Detail[] = [['client', 'asking', 'muted']];

function gone(what: string, how: string): readonly Detail[] {
  return [[what, `it ${how}; Esc goes back`, 'muted']];
}
