import type { ListQuery, Page } from '../api/listing.ts';
import { createFilter } from './row-filter.ts';
import { orderOf, type Place, type RowOrder, type RowShape, scalar, type Value, writeCursor } from './row-order.ts';

/**
 * Filters, sorts and pages rows. A cursor holds the place of the last row of a page by value, so rows that come and go
 * between two pages are neither repeated nor skipped. Throws `bad_request` for a field that rows do not have. For lists that are
 * short; `selectRows` answers the same of long ones.
 */
export function queryRows<T>(rows: Iterable<T>, shape: RowShape<T>, query: ListQuery): Page<T> {
  const order = orderOf(shape, query);
  const isWanted = createFilter(shape, query, (field) => (row: T) => row[field] as Value);
  const found = sorted([...rows].filter(isWanted), order);
  const { after } = order;
  const start = after === undefined ? 0 : found.findIndex(({ place }) => order.comparePlaces(place, after) > 0);
  const rest = start < 0 ? [] : found.slice(start);
  return { ...pageOf(rest, order.limit, rest.length > order.limit), total: found.length };
}

/** One page out of the same page of several nodes, none of which has a row of another. */
export function mergePages<T>(pages: readonly Page<T>[], shape: RowShape<T>, query: ListQuery): Page<T> {
  const order = orderOf(shape, query);
  const rows = pages.flatMap((page) => page.items);
  const found = sorted(rows, order);
  const more = found.length > order.limit || pages.some(({ cursor }) => cursor !== undefined);
  return { ...pageOf(found, order.limit, more), total: pages.reduce((sum, { total }) => sum + total, 0) };
}

interface Placed<T> {
  readonly row: T;
  readonly place: Place;
}

function sorted<T>(rows: readonly T[], { fields, comparePlaces }: RowOrder<T>): Placed<T>[] {
  const placed = rows.map((row) => ({ row, place: fields.map((field) => scalar(row[field] as Value)) }));
  return placed.sort((a, b) => comparePlaces(a.place, b.place));
}

/** The first of those that are left. */
export function pageOf<T>(rest: readonly Placed<T>[], limit: number, hasMore: boolean): Omit<Page<T>, 'total'> {
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(({ row }) => row),
    ...(hasMore && last !== undefined && { cursor: writeCursor(last.place) }),
  };
}
