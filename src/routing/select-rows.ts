import type { ListQuery, Page } from '../api/listing.ts';
import { type Readers, rowOf } from '../registry/rows.ts';
import { createSlices, type Slices } from '../util/slices.ts';
import { FirstOf } from './first-of.ts';
import { pageOf } from './query-rows.ts';
import { createFilter } from './row-filter.ts';
import { orderOf, type Place, type RowShape, scalar, type Value } from './row-order.ts';

/** Things and how the rows of a list are made of them. */
export interface RowSource<Item, Row> {
  readonly items: readonly Item[];
  readonly read: Readers<Item, Row>;
  /** Of fields that are digits without zeros in front: the number they say, which is compared sooner. */
  readonly numbers?: { readonly [F in keyof Row & string]?: (item: Item) => number };
}

interface Found<Item, Row> {
  readonly item: Item;
  readonly read: Readers<Item, Row>;
  readonly place: Place;
}

/** Things looked at before the clock is. */
const perLook = 128;

/**
 * The page that `queryRows` would answer if all rows were made. None is made but those of the page, no more things are kept
 * than it has rows, and the event loop gets a turn every few milliseconds. Throws `bad_request` for a field that rows do not have.
 */
export async function selectRows<Item, Row>(
  sources: readonly RowSource<Item, Row>[],
  shape: RowShape<Row>,
  query: ListQuery,
  slices: Slices = createSlices(),
): Promise<Page<Row>> {
  const { fields, compare, comparePlaces, limit, after } = orderOf(shape, query);
  // Also where there is nothing to be looked at.
  createFilter(shape, query, () => () => undefined);
  const first = new FirstOf<Found<Item, Row>>(limit, (a, b) => comparePlaces(a.place, b.place));
  let [total, behind, looked] = [0, 0, 0];
  for (const { items, read, numbers } of sources) {
    const readers = fields.map((field) => (numbers?.[field] ?? read[field]) as (item: Item) => Value);
    const [readSorted] = readers as [(item: Item) => Value];
    const isWanted = createFilter(shape, query, (field) => read[field] as (item: Item) => Value);
    /** Without making its place: most things are compared once. */
    const comesBehind = (item: Item, sorted: string | number, place: Place): boolean => {
      let difference = compare(sorted, place[0] ?? '');
      for (let at = 1; difference === 0 && at < readers.length; at += 1) {
        difference = compare(scalar(readers[at]?.(item)), place[at] ?? '');
      }
      return difference > 0;
    };
    for (const item of items) {
      looked += 1;
      if (looked % perLook === 0 && slices.isOver) await slices.next();
      if (!isWanted(item)) continue;
      total += 1;
      const sorted = scalar(readSorted(item));
      if (after !== undefined && !comesBehind(item, sorted, after)) continue;
      behind += 1;
      const last = first.last?.place;
      if (last !== undefined && comesBehind(item, sorted, last)) continue;
      const place = [sorted, ...readers.slice(1).map((readKey) => scalar(readKey(item)))];
      first.offer({ item, read, place });
    }
  }
  const [sort] = fields as [keyof Row & string];
  const placed = first
    .sorted()
    .map(({ item, read, place }) => ({ row: asPlaced(rowOf(item, read), sort, place), place }));
  return { ...pageOf(placed, limit, behind > limit), total };
}

/** All of them, whatever a query says. */
export function rowsOf<Item, Row>(sources: readonly RowSource<Item, Row>[]): Row[] {
  return sources.flatMap(({ items, read }) => items.map((item) => rowOf(item, read)));
}

/** A figure that has moved meanwhile is shown as it was when the row got its place. */
function asPlaced<Row>(row: Row, sort: keyof Row & string, [sorted]: Place): Row {
  return typeof row[sort] === 'number' && typeof sorted === 'number' ? { ...row, [sort]: sorted } : row;
}
