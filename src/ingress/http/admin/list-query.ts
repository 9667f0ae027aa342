import { parseCondition } from '../../../api/condition.ts';
import type { ListQuery, Page } from '../../../api/listing.ts';

/** Query parameters of a list, checked against its schema. */
export interface ListParameters extends Omit<ListQuery, 'where'> {
  readonly where?: readonly string[];
}

/** Throws `bad_request` for a condition that is none. */
export function toListQuery({ where, ...rest }: ListParameters): ListQuery {
  return where === undefined ? rest : { ...rest, where: where.map(parseCondition) };
}

/** The query for the one row whose `field` is `value`. */
export function onlyRow(field: string, value: string, system?: string): ListQuery {
  const where = [{ field, op: '=', value }] as const;
  return { where, limit: 1, ...(system !== undefined && { system }) };
}

/** Throws `missing` where there is none. */
export function firstOf<T>(page: Page<T>, missing: () => Error): T {
  const [row] = page.items;
  if (row === undefined) throw missing();
  return row;
}
