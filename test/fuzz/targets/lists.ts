import assert from 'node:assert/strict';
import { formatCondition, parseCondition } from '../../../src/api/condition.ts';
import { YunqueError } from '../../../src/api/errors.ts';
import type { ListQuery } from '../../../src/api/listing.ts';
import { queryRows } from '../../../src/routing/query-rows.ts';
import { mutate } from '../mutate.ts';
import { pureTarget, type Random, type Target } from '../target.ts';

interface Row {
  readonly cid: string;
  readonly system: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly queueBytes: number;
}

const rows: readonly Row[] = Array.from({ length: 12 }, (_, i) => ({
  cid: String(i * 7),
  system: i % 2 ? 'default' : 'shop',
  ...(i % 3 !== 0 && { uid: `u${i}` }),
  groups: i % 4 ? ['hall', '云'] : [],
  queueBytes: i * 1000,
}));
const fields = ['cid', 'system', 'uid', 'groups', 'queueBytes'] as const;
const shape = { key: ['cid', 'system'], fields, search: ['uid', 'groups'] } as const;

const cursor = queryRows(rows, shape, { limit: 3 }).cursor ?? '';
const cursors = [cursor, cursor.slice(0, -4), btoa('["",""]'), btoa('[1,null,{}]'), btoa('[1e999,"a","b"]'), ''];
const conditions = [
  'uid=u1',
  'uid!=u2',
  'groups~HALL',
  'queueBytes>1000',
  'queueBytes<1e3',
  'cid=0',
  'nothing=1',
  '=',
  'uid',
];
const sorts = ['', '', 'uid', 'groups', 'queueBytes', 'toString', '__proto__'];
const lines = (random: Random): string =>
  [conditions, cursors, sorts, ['', 'u', '云']].map((of) => of[Math.floor(random() * of.length)]).join('\n');

/** A condition, a cursor, a field to sort by and a text to search, a line each. */
export const listTarget: Target = pureTarget(
  'list query',
  125_000,
  (random) => mutate(random, [Buffer.from(lines(random))]),
  (input) => {
    const [where = '', after = '', sort = '', search = ''] = input.toString().split('\n');
    try {
      const condition = where === '' ? undefined : parseCondition(where);
      if (condition !== undefined) assert.equal(formatCondition(condition), where);
      const query: ListQuery = {
        ...(condition && { where: [condition] }),
        ...(after !== '' && { cursor: after }),
        ...(sort !== '' && { sort }),
        ...(search !== '' && { search }),
        limit: 5,
      };
      const page = queryRows(rows, shape, query);
      assert.ok(page.items.length <= 5 && page.total <= rows.length);
      if (page.cursor !== undefined) queryRows(rows, shape, { ...query, cursor: page.cursor });
    } catch (error) {
      if (!(error instanceof YunqueError) || error.code !== 'bad_request') throw error;
    }
  },
);
