import { YunqueError } from '../api/errors.ts';
import { type ListQuery, pageSize } from '../api/listing.ts';

/** What a list knows of its rows. The fields of `key` together are unique; `search` are those that `search` looks into. */
export interface RowShape<T> {
  readonly key: readonly [keyof T & string, ...(keyof T & string)[]];
  readonly fields: readonly (keyof T & string)[];
  readonly search: readonly (keyof T & string)[];
}

export type Value = string | number | readonly string[] | undefined;
export type Scalar = string | number;
/** The sorted value, then the key. */
export type Place = readonly Scalar[];

export interface RowOrder<T> {
  /** The fields that make a place. */
  readonly fields: readonly (keyof T & string)[];
  readonly compare: (a: Scalar, b: Scalar) => number;
  readonly comparePlaces: (a: Place, b: Place) => number;
  readonly limit: number;
  /** The page begins behind it. */
  readonly after: Place | undefined;
}

/** How a query sorts and pages. Throws `bad_request` for a field that rows do not have, and for a cursor that is none of ours. */
export function orderOf<T>(shape: RowShape<T>, query: ListQuery): RowOrder<T> {
  const sort = query.sort === undefined ? shape.key[0] : requireField(shape, query.sort, 'sort');
  const direction = query.descending === true ? -1 : 1;
  return {
    fields: [sort, ...shape.key],
    compare: (a, b) => direction * compare(a, b),
    comparePlaces: (a, b) => direction * comparePlaces(a, b),
    limit: Math.min(Math.max(query.limit ?? pageSize.usual, 1), pageSize.largest),
    after: query.cursor === undefined ? undefined : readCursor(query.cursor, shape.key.length + 1),
  };
}

export function requireField<T>(shape: RowShape<T>, name: string, where: 'sort' | 'where'): keyof T & string {
  const field = shape.fields.find((known) => known === name);
  if (field === undefined) {
    throw new YunqueError('bad_request', `there is no field "${name}"`, {
      field: where,
      hint: `fields: ${shape.fields.join(', ')}`,
    });
  }
  return field;
}

export function scalar(value: Value): Scalar {
  return typeof value === 'object' ? value.length : (value ?? '');
}

export function writeCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
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
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return 2;
  }
  return text === '' ? 0 : 1;
}

/** Digits that say a number as that number, which compares with everything as they do. */
function plainest(value: Scalar): Scalar {
  const number = Number(value);
  return Number.isSafeInteger(number) && String(number) === value ? number : value;
}

function readCursor(cursor: string, length: number): Place {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (
      Array.isArray(place) &&
      place.length === length &&
      place.every((v) => typeof v === 'string' || typeof v === 'number')
    ) {
      return place.map(plainest);
    }
  } catch {
    // Said below.
  }
  throw new YunqueError('bad_request', 'the cursor is not one of ours', {
    field: 'cursor',
    hint: 'take it from the page before',
  });
}
