import { YunqueError } from '../api/errors.ts';
import type { Condition, ListQuery } from '../api/listing.ts';
import { type RowShape, requireField, type Value } from './row-order.ts';

type Test<Item> = (item: Item) => boolean;
/** How a field of a row is read from what the row is made of. */
type Reader<Item> = (item: Item) => Value;

/** Whether a query's conditions and its search hold. Throws `bad_request` for a field that rows do not have. */
export function createFilter<T, Item>(
  shape: RowShape<T>,
  query: ListQuery,
  reader: (field: keyof T & string) => Reader<Item>,
): Test<Item> {
  const tests = (query.where ?? []).map((condition) => {
    return createTest(condition, reader(requireField(shape, condition.field, 'where')));
  });
  if (query.search !== undefined) {
    const search = query.search.toLowerCase();
    const readers = shape.search.map(reader);
    tests.push((item) => readers.some((read) => contains(read(item), search)));
  }
  const [first, ...more] = tests;
  if (first === undefined) return () => true;
  return more.length === 0 ? first : (item) => tests.every((test) => test(item));
}

function createTest<Item>({ field, op, value }: Condition, read: Reader<Item>): Test<Item> {
  const lower = value.toLowerCase();
  const equals = (actual: Value) =>
    typeof actual === 'object' ? actual.includes(value) : String(actual ?? '') === value;
  switch (op) {
    case '=':
      return (item) => equals(read(item));
    case '!=':
      return (item) => !equals(read(item));
    case '~':
      return (item) => contains(read(item), lower);
    case '>':
    case '<': {
      const bound = Number(value);
      if (value.trim() === '' || Number.isNaN(bound)) {
        throw new YunqueError('bad_request', `"${value}" is not a number`, {
          field: 'where',
          hint: `write ${field}${op}10`,
        });
      }
      return op === '>' ? (item) => sizeOf(read(item)) > bound : (item) => sizeOf(read(item)) < bound;
    }
    default:
      return op satisfies never;
  }
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
