import { connectionFields, groupFields, systemFields } from '../../api/list-fields.ts';
import type { Condition, ListQuery } from '../../api/listing.ts';
import type { SnapshotListKind, SnapshotQuery } from '../../api/snapshot.ts';
import { parseFilter } from './filter.ts';
import { layoutFor } from './layout.ts';
import { cursorOf } from './paging.ts';
import { listOf, type View, type ViewState } from './view-state.ts';

const kindOf: Readonly<Partial<Record<View, SnapshotListKind>>> = {
  clients: 'connections',
  slow: 'connections',
  groups: 'groups',
  systems: 'systems',
};

const fieldsOf: Readonly<Record<SnapshotListKind, readonly string[]>> = {
  connections: connectionFields,
  users: [],
  groups: groupFields,
  systems: systemFields,
};

/** Slow is who has something waiting. */
const waiting: Condition = { field: 'queueBytes', op: '>', value: '0' };

/** The list a view shows that the server filters, sorts and pages; undefined where the rows are in every snapshot. */
export function listKindOf(view: View): SnapshotListKind | undefined {
  return kindOf[view];
}

/** The page the screen needs; undefined where it shows none. `system`: only this one's. `limit`: rows, if not as many as fit on the screen. */
export function listQueryOf(state: ViewState, system: string | undefined, limit?: number): SnapshotQuery | undefined {
  const layout = layoutFor(state.size);
  const list = kindOf[state.view];
  if (list === undefined || layout === 'too-small') return undefined;
  const scope = system === undefined ? {} : { system };
  if (state.openKey !== undefined) return { list, query: { ...scope, ...oneRow(list, state.openKey), limit: 1 } };
  return { list, query: { ...scope, ...pageQuery(state, list), limit: limit ?? layout.listRows } };
}

function oneRow(list: SnapshotListKind, key: string): ListQuery {
  const is = (field: string, value: string): ListQuery => ({ where: [{ field, op: '=', value }] });
  if (list === 'connections') return is('cid', key);
  if (list === 'systems') return is('system', key);
  const [system, group] = JSON.parse(key) as [string, string];
  return { system, ...is('group', group) };
}

function pageQuery(state: ViewState, list: SnapshotListKind): ListQuery {
  const { filter, sort, page } = listOf(state);
  const cursor = cursorOf(page);
  // An age grows between two pages and would shift them; the moment it began does not.
  const isAge = sort.by === 'ageSeconds';
  const isDescending = (sort.descending !== isAge) !== page.fromEnd;
  const asked = parseFilter(filter, fieldsOf[list]);
  const where = [...(state.view === 'slow' ? [waiting] : []), ...(asked.where ?? [])];
  return {
    ...(where.length > 0 && { where }),
    ...(asked.search !== undefined && { search: asked.search }),
    ...(sort.by !== undefined && { sort: isAge ? 'connectedAt' : sort.by }),
    ...(isDescending && { descending: true }),
    ...(cursor !== undefined && { cursor }),
  };
}
