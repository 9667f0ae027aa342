import { parseCondition } from '../../../api/condition.ts';
import { type ErrorCode, YunqueError } from '../../../api/errors.ts';
import type { ListQuery, Page, Shown } from '../../../api/listing.ts';

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

/**
 * The one row, with the nodes that did not answer. Where there is none it throws `unknown`; where some did not answer, who may have it,
 * `unavailable`, which names them.
 */
export function firstOf<T extends object>({ items: [row], missingNodes }: Page<T>, unknown: ErrorCode): Shown<T> {
  if (row !== undefined) return missingNodes === undefined ? row : { ...row, missingNodes };
  if (missingNodes === undefined) throw new YunqueError(unknown);
  const hint = `try again when they answer (yunque node ls); where they are gone for good, the cluster forgets them by itself`;
  const message = `not found on the nodes that answered; no answer from ${missingNodes.join(' ')}`;
  throw new YunqueError('unavailable', message, { hint, missingNodes });
}
