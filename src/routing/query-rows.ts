import { YunqueError } from '../api/errors.ts';
import { type Condition, type ListQuery, type Page, pageSize } from '../api/listing.ts';

/** What a list knows of its rows. The fields of `key` together are unique; `search` are those that `search` looks into. */
export interface RowShape<T> {
  readonly key: readonly [keyof T & string, ...(keyof T & string)[]];
  readonly fields: readonly (keyof T & string)[];
  readonly search: readonly (keyof T & string)[];
}

type Value = string | number | readonly string[] | undefined;

/**
 * Filters, sorts and pages rows. A cursor holds the place of the last row of a page by value, so rows that come and go
 * between two pages are neither repeated nor skipped. Throws `bad_request` for a field that rows do not have.
 */
export function queryRows<T>(rows: Iterable<T>, shape: RowShape<T>, query: ListQuery): Page<T> {
  const { place, order, limit } = orderOf(shape, query);
  const tests = (query.where ?? []).map((condition) => createTest(shape, condition));
  const search = query.search?.toLowerCase();
  const found = [...rows]
    .filter((row) => tests.every((test) => test(row)))
    .filter((row) => search === undefined || shape.search.some((field) => contains(row[field] as Value, search)))
    .map((row) => ({ row, place: place(row) }))
    .sort((a, b) => order(a.place, b.place));

  const after = query.cursor === undefined ? undefined : readCursor(query.cursor, shape.key.length + 1);
  const start = after === undefined ? 0 : found.findIndex((entry) => order(entry.place, after) > 0);
  const page = start < 0 ? [] : found.slice(start, start + limit);
  const last = page.at(-1);
  const more = last !== undefined && start + page.length < found.length;
  return {
    items: page.map((entry) => entry.row),
    total: found.length,
    ...(more && { cursor: writeCursor(last.place) }),
  };
}

/** One page out of the same page of several nodes, none of which has a row of another. */
export function mergePages<T>(pages: readonly Page<T>[], shape: RowShape<T>, query: ListQuery): Page<T> {
  const { place, order, limit } = orderOf(shape, query);
  const found = pages
    .flatMap((page) => page.items)
    .map((row) => ({ row, place: place(row) }))
    .sort((a, b) => order(a.place, b.place));
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const more = last !== undefined && (found.length > limit || pages.some(({ cursor }) => cursor !== undefined));
  return {
    items: page.map((entry) => entry.row),
    total: pages.reduce((sum, { total }) => sum + total, 0),
    ...(more && { cursor: writeCursor(last.place) }),
  };
}

function orderOf<T>(shape: RowShape<T>, query: ListQuery) {
  const sort = query.sort === undefined ? shape.key[0] : requireField(shape, query.sort, 'sort');
  const direction = query.descending === true ? -1 : 1;
  return {
    place: (row: T): Place => [sort, ...shape.key].map((field) => scalar(row[field] as Value)),
    order: (a: Place, b: Place) => direction * comparePlaces(a, b),
    limit: Math.min(Math.max(query.limit ?? pageSize.usual, 1), pageSize.largest),
  };
}

type Scalar = string | number;
/** The sorted value, then the key. */
type Place = readonly Scalar[];

function createTest<T>(shape: RowShape<T>, condition: Condition): (row: T) => boolean {
  const field = requireField(shape, condition.field, 'where');
  const { op, value } = condition;
  const lower = value.toLowerCase();
  const equals = (actual: Value) =>
    typeof actual === 'object' ? actual.includes(value) : String(actual ?? '') === value;
  switch (op) {
    case '=':
      return (row) => equals(row[field] as Value);
    case '!=':
      return (row) => !equals(row[field] as Value);
    case '~':
      return (row) => contains(row[field] as Value, lower);
    case '>':
    case '<': {
      const bound = Number(value);
      if (value.trim() === '' || Number.isNaN(bound)) {
        throw new YunqueError('bad_request', `"${value}" is not a number`, {
          field: 'where',
          hint: `write ${field}${op}10`,
        });
      }
      return (row) => (op === '>' ? sizeOf(row[field] as Value) > bound : sizeOf(row[field] as Value) < bound);
    }
    default:
      return op satisfies never;
  }
}

function requireField<T>(shape: RowShape<T>, name: string, where: 'sort' | 'where'): keyof T & string {
  const field = shape.fields.find((known) => known === name);
  if (field === undefined) {
    throw new YunqueError('bad_request', `there is no field "${name}"`, {
      field: where,
      hint: `fields: ${shape.fields.join(', ')}`,
    });
  }
  return field;
}

function contains(value: Value, lowerPart: string): boolean {
  if (typeof value === 'object') return value.some((item) => item.toLowerCase().includes(lowerPart));
  return value !== undefined && String(value).toLowerCase().includes(lowerPart);
}

/** A number, or how many a list has; NaN, which is neither above nor below, for nothing and other texts. */
function sizeOf(value: Value): number {
  if (typeof value === 'object') return value.length;
  return value === '' ? Number.NaN : Number(value);
}

function scalar(value: Value): Scalar {
  return typeof value === 'object' ? value.length : (value ?? '');
}

function comparePlaces(a: Place, b: Place): number {
  for (let i = 0; i < a.length; i += 1) {
    const difference = compare(a[i] ?? '', b[i] ?? '');
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Nothing first, then numbers and texts of digits by size, then other texts by code unit: one order over all values. */
function compare(a: Scalar, b: Scalar): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a), String(b)];
  const rank = rankOf(left);
  if (rank !== rankOf(right)) return rank - rankOf(right);
  if (rank === 1 && left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Without it 9 < 10 < 1a < 9, and a page would begin in the wrong place. */
function rankOf(text: string): 0 | 1 | 2 {
  if (text === '') return 0;
  return /^\d+$/.test(text) ? 1 : 2;
}

function writeCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function readCursor(cursor: string, length: number): Place {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (
      Array.isArray(place) &&
      place.length === length &&
      place.every((v) => typeof v === 'string' || typeof v === 'number')
    ) {
      return place as Place;
    }
  } catch {
    // Said below.
  }
  throw new YunqueError('bad_request', 'the cursor is not one of ours', {
    field: 'cursor',
    hint: 'take it from the page before',
  });
}
