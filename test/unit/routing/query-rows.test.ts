import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCondition } from '../../../src/api/condition.ts';
import type { ListQuery } from '../../../src/api/listing.ts';
import { queryRows } from '../../../src/routing/query-rows.ts';
import type { RowShape } from '../../../src/routing/row-order.ts';
import { createRandom, pick, pickOf } from '../../support/random.ts';

interface Row {
  readonly id: string;
  readonly system: string;
  readonly size: number;
  readonly uid?: string;
  readonly at?: number;
  readonly groups: readonly string[];
}

const shape: RowShape<Row> = {
  key: ['id', 'system'],
  fields: ['id', 'system', 'size', 'uid', 'at', 'groups'],
  search: ['id', 'uid', 'groups'],
};

const row = (id: string, more: Partial<Row> = {}): Row => ({ id, system: 's', size: 0, groups: [], ...more });
const rows = [
  row('1', { size: 5, uid: 'Alice', groups: ['room', 'Lobby'] }),
  row('2', { size: 50, uid: 'bob', groups: ['room'], at: 3 }),
  row('10', { size: 7 }),
  row('1a', { size: 6, uid: 'al', at: 12 }),
];
const ids = (query: ListQuery, from: readonly Row[] = rows) => queryRows(from, shape, query).items.map(({ id }) => id);
const where = (...conditions: string[]) => ({ where: conditions.map(parseCondition) });

describe('where', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['uid=bob', ['2']],
    ['uid=Bob', []],
    ['uid=', ['10']],
    ['uid!=bob', ['1', '10', '1a']],
    ['uid~AL', ['1', '1a']],
    ['size=50', ['2']],
    ['size>6', ['2', '10']],
    ['size<6', ['1']],
    ['size>6.5', ['2', '10']],
    ['at>0', ['2', '1a']],
    ['at<100', ['2', '1a']],
    ['id>2', ['10']],
    ['groups=room', ['1', '2']],
    ['groups!=room', ['10', '1a']],
    ['groups~lob', ['1']],
    ['groups>1', ['1']],
    ['groups<1', ['10', '1a']],
  ];
  for (const [condition, expected] of cases) {
    test(`${condition} finds ${expected.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(ids(where(condition)), expected);
    });
  }

  test('several conditions must all hold, together with the search', () => {
    assert.deepEqual(ids({ ...where('groups=room', 'size>4'), search: 'ALICE' }), ['1']);
    assert.deepEqual(ids(where('uid=bob', 'size<4')), []);
  });

  test('is refused for a field rows do not have, and for a bound that is no number, saying what there is', () => {
    assert.throws(() => ids(where('color=red')), {
      code: 'bad_request',
      field: 'where',
      hint: `fields: ${shape.fields.join(', ')}`,
    });
    assert.throws(() => ids({ sort: '__proto__' }), { code: 'bad_request', field: 'sort' });
    for (const bound of ['size>', 'size> ', 'size<ten']) {
      assert.throws(() => ids(where(bound)), { code: 'bad_request', field: 'where', hint: /size[<>]10/ });
    }
  });
});

describe('search', () => {
  test('looks into the text fields in any case, and into no other', () => {
    assert.deepEqual(ids({ search: 'LOBBY' }), ['1']);
    assert.deepEqual(ids({ search: '50' }), []);
  });
});

describe('sort', () => {
  test('is by key where nothing else is said: numbers by size, then texts', () => {
    assert.deepEqual(ids({}), ['1', '2', '10', '1a']);
    assert.deepEqual(ids({ descending: true }), ['1a', '10', '2', '1']);
  });

  test('puts rows without the value first, and the fullest list last', () => {
    assert.deepEqual(ids({ sort: 'at' }), ['1', '10', '2', '1a']);
    assert.deepEqual(ids({ sort: 'groups' }), ['10', '1a', '2', '1']);
  });

  test('is one order whatever the values: any start gives the same', () => {
    const values = ['9', '10', '1a', '', '007', '7', '-1', '1.5', 'a', 'A', '云', '9'.repeat(30), '\ud800'];
    const random = createRandom(7);
    const expected = ids(
      {},
      values.map((id) => row(id)),
    );
    assert.deepEqual(expected.slice(0, 4), ['', '7', '9', '10']);
    for (let n = 0; n < 200; n += 1) {
      const shuffled = values.map((id) => ({ id, by: random() })).sort((a, b) => a.by - b.by);
      assert.deepEqual(
        ids(
          {},
          shuffled.map(({ id }) => row(id)),
        ),
        expected,
      );
    }
  });
});

describe('pages', () => {
  test('have 100 rows unless told otherwise, at least 1 and at most 1000, and a cursor only when there is more', () => {
    const many = Array.from({ length: 1001 }, (_, n) => row(String(n)));
    const sizes = [undefined, 1, 0, -5, 1000, 5000].map((limit) => {
      const page = queryRows(many, shape, limit === undefined ? {} : { limit });
      return [page.items.length, page.total, page.cursor !== undefined];
    });
    assert.deepEqual(sizes, [
      [100, 1001, true],
      [1, 1001, true],
      [1, 1001, true],
      [1, 1001, true],
      [1000, 1001, true],
      [1000, 1001, true],
    ]);
    assert.equal(queryRows(many.slice(0, 100), shape, {}).cursor, undefined);
    assert.deepEqual(queryRows([], shape, {}), { items: [], total: 0 });
  });

  test('a cursor that is not one of ours is refused', () => {
    const texts = ['', 'x', '!', '{}', '[1]', '[1,2,{}]', '[1,2,3,4]', 'null', `["a","b",${'['.repeat(5000)}`];
    for (const text of texts) {
      const cursor = Buffer.from(text).toString('base64url');
      assert.throws(() => queryRows(rows, shape, { cursor }), { code: 'bad_request', field: 'cursor' }, text);
    }
  });

  test('a cursor from the end finds nothing more', () => {
    const first = queryRows(rows, shape, { limit: 3 });
    assert.deepEqual(ids({ cursor: first.cursor ?? '' }, rows.slice(0, 2)), []);
  });

  test('while rows come and go, every row that stays is met exactly once, in order', () => {
    const random = createRandom(11);
    const texts = ['9', '10', '1a', '', 'b', '007', '7', 'a:1', '云'] as const;
    for (let round = 0; round < 300; round += 1) {
      const fresh = (n: number): Row =>
        row(`${pickOf(random, texts)}${n}`, {
          system: pickOf(random, ['a', 'b'] as const),
          size: pick(random, 3),
          ...(random() < 0.7 && { uid: pickOf(random, texts) }),
          ...(random() < 0.5 && { at: pick(random, 20) }),
        });
      const stay = Array.from({ length: 30 }, (_, n) => fresh(n));
      let coming: Row[] = [];
      const query: ListQuery = {
        limit: 1 + pick(random, 9),
        sort: pickOf(random, ['id', 'size', 'uid', 'at', 'system', 'groups'] as const),
        descending: random() < 0.5,
      };
      const seen: Row[] = [];
      let cursor: string | undefined;
      do {
        coming = coming.filter(() => random() < 0.5);
        for (let n = 0; n < 5; n += 1) coming.push(fresh(100 + pick(random, 900)));
        const all = [...stay, ...coming].sort(() => random() - 0.5);
        const page = queryRows(all, shape, { ...query, ...(cursor !== undefined && { cursor }) });
        seen.push(...page.items);
        cursor = page.cursor;
      } while (cursor !== undefined);
      const met = seen.filter((item) => stay.includes(item));
      const { cursor: _, ...expected } = queryRows(stay, shape, { ...query, limit: 1000 });
      assert.deepEqual(met, expected.items, JSON.stringify({ round, query }));
    }
  });
});
