import { sanitizeLine } from '../../util/control-characters.ts';
import type { ViewColumns } from '../columns/columns.ts';
import { openRow } from '../columns/rows.ts';
import { wrapText } from '../draw/wrap.ts';
import type { Snapshot } from '../feed/snapshot.ts';
import { listKindOf } from '../state/list-query.ts';
import type { View, ViewState } from '../state/view-state.ts';
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
  const without = (what: string): readonly Detail[] => [[what, whyNoRow(snapshot, view), 'muted']];
  const open = <V extends typeof view>(of: V) => openRow(of, snapshot, state, columns);
  switch (view) {
    case 'nodes': {
      const row = open(view);
      return row?.kind === 'answered' ? nodeDetails(row.sample) : without('node');
    }
    case 'clients':
    case 'slow': {
      const row = open(view);
      return row ? clientDetails(row) : without('client');
    }
    case 'groups': {
      const row = open(view);
      return row ? groupDetails(row) : without('group');
    }
    case 'systems': {
      const row = open(view);
      return row ? systemDetails(row) : without('system');
    }
    case 'messages': {
      const row = open(view);
      return row ? messageDetails(row.item) : without('message');
    }
    case 'events': {
      const row = open(view);
      return row ? eventDetails(row.item) : without('event');
    }
    case 'queues': {
      const row = open(view);
      return row ? queueDetails(row) : without('queue');
    }
  }
}

const ends: Readonly<Record<View, string>> = {
  nodes: 'does not answer',
  clients: 'has left',
  groups: 'has no members any more',
  systems: 'was removed',
  messages: 'was long ago',
  slow: 'has left',
  events: 'was long ago',
  queues: 'is not there any more',
};

/** Why the open row is not among those that are there. One line, safe to print. */
export function whyNoRow({ list }: Snapshot, view: View): string {
  if (listKindOf(view) !== undefined) {
    if (!list?.page) return sanitizeLine(list?.error ?? 'asking');
    const silent = list.page.missingNodes ?? [];
    // It may be there, and only they know.
    if (silent.length > 0) return sanitizeLine(`not known: without an answer from ${silent.join(' ')}; Esc goes back`);
  }
  return `it ${ends[view]}; Esc goes back`;
}
