import { formatCondition } from '../api/condition.ts';
import type { ListQuery } from '../api/listing.ts';

/** `/path?query`, leaving out what is undefined; a list repeats its name. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const item of Array.isArray(value) ? (value as readonly string[]) : [value]) pairs.append(name, String(item));
  }
  return pairs.size === 0 ? path : `${path}?${pairs}`;
}

/** `more`: parameters besides those of the list. */
export function listPath(
  path: string,
  query: ListQuery,
  more: Readonly<Record<string, string | undefined>> = {},
): string {
  const { where, descending, ...rest } = query;
  return withQuery(path, {
    ...more,
    ...rest,
    descending: descending === true ? true : undefined,
    where: where?.map(formatCondition),
  });
}
