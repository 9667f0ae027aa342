import type { ListQuery, Page } from '../../api/listing.ts';
import type { Readers } from '../../registry/rows.ts';
import { createSlices } from '../../util/slices.ts';
import { mergePages } from '../query-rows.ts';
import { createFilter } from '../row-filter.ts';
import type { RowShape, Value } from '../row-order.ts';
import { type RowSource, selectRows } from '../select-rows.ts';

/** What one node has of a list whose rows are put together of several nodes'. */
export interface RowsApart {
  /** Of what no other node has: the page that was asked for. */
  readonly page: Page<unknown>;
  /** Of what others may have too: all that the query may mean, as values of these fields. */
  readonly fields: readonly string[];
  readonly shared: readonly (readonly unknown[])[];
}

/** Things looked at before the clock is. */
const perLook = 128;

/** `isAlone`: by system and name, whether no other node has it. */
export async function takeApart<Item, Row extends { readonly system: string }>(
  sources: readonly RowSource<Item, Row>[],
  shape: RowShape<Row>,
  query: ListQuery,
  isAlone: (system: string, name: string) => boolean,
): Promise<RowsApart> {
  const slices = createSlices();
  const own: RowSource<Item, Row>[] = [];
  const shared: unknown[][] = [];
  let looked = 0;
  for (const { items, read } of sources) {
    const alone: Item[] = [];
    const readName = read[shape.key[0]] as unknown as (item: Item) => string;
    const mayBeMeant = createFilter(shape, ofKey(shape, query), (field) => read[field] as (item: Item) => Value);
    for (const item of items) {
      looked += 1;
      if (looked % perLook === 0 && slices.isOver) await slices.next();
      if (isAlone(read.system(item) ?? '', readName(item))) alone.push(item);
      else if (mayBeMeant(item)) shared.push(shape.fields.map((field) => read[field](item)));
    }
    own.push({ items: alone, read });
  }
  return { page: await selectRows(own, shape, query, slices), fields: shape.fields, shared };
}

/** One page of what several nodes have. Of an earlier release come rows, of which others may have some too. */
export async function putTogether<Row extends object>(
  parts: readonly (RowsApart | readonly Row[])[],
  shape: RowShape<Row>,
  query: ListQuery,
  join: (a: Row, b: Row) => Row,
): Promise<Page<Row>> {
  const slices = createSlices();
  const [shared, alone] = [new Map<string, Row>(), new Map<string, Row>()];
  let [total, looked, hasMore] = [0, 0, false];
  for (const part of parts) {
    for (const row of 'page' in part ? part.shared.map((values) => rowOfValues<Row>(part.fields, values)) : part) {
      looked += 1;
      if (looked % perLook === 0 && slices.isOver) await slices.next();
      addRow(shared, keyOf(shape, row), row, join);
    }
  }
  for (const part of parts) {
    if (!('page' in part)) continue;
    total += part.page.total;
    hasMore ||= part.page.cursor !== undefined;
    for (const row of part.page.items as readonly Row[]) {
      const key = keyOf(shape, row);
      const rows = shared.has(key) ? shared : alone;
      // It came to a second node in this moment.
      if (rows.has(key)) total -= 1;
      addRow(rows, key, row, join);
    }
  }
  const read = Object.fromEntries(shape.fields.map((field) => [field, (row: Row) => row[field]])) as Readers<Row, Row>;
  const pageOfShared = await selectRows([{ items: [...shared.values()], read }], shape, query, slices);
  const pageOfAlone = { items: [...alone.values()], total, ...(hasMore && { cursor: 'more' }) };
  return mergePages([pageOfAlone, pageOfShared], shape, query);
}

/** That part of a query of which each node can judge its part of a row: the others are of the same key. */
function ofKey<Row>({ key, search }: RowShape<Row>, query: ListQuery): ListQuery {
  const isOfKey = (field: string) => key.some((each) => each === field);
  return {
    where: (query.where ?? []).filter(({ field }) => isOfKey(field)),
    ...(query.search !== undefined && search.every(isOfKey) && { search: query.search }),
  };
}

function addRow<Row>(rows: Map<string, Row>, key: string, row: Row, join: (a: Row, b: Row) => Row): void {
  const known = rows.get(key);
  rows.set(key, known === undefined ? row : join(known, row));
}

function keyOf<Row>({ key }: RowShape<Row>, row: Row): string {
  let text = '';
  for (const field of key) {
    const value = String(row[field]);
    text += `${value.length}:${value}`;
  }
  return text;
}

function rowOfValues<Row>(fields: readonly string[], values: readonly unknown[]): Row {
  const row: Record<string, unknown> = {};
  for (const [at, field] of fields.entries()) row[field] = values[at];
  return row as Row;
}
