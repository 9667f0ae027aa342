import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCondition } from '../../../src/api/condition.ts';
import type { ListQuery, Page } from '../../../src/api/listing.ts';
import type { Readers } from '../../../src/registry/rows.ts';
import { FirstOf } from '../../../src/routing/first-of.ts';
import { queryRows } from '../../../src/routing/query-rows.ts';
import type { RowShape } from '../../../src/routing/row-order.ts';
import { selectRows } from '../../../src/routing/select-rows.ts';
import { createSlices } from '../../../src/util/slices.ts';
import { createRandom, pick, pickOf } from '../../support/random.ts';

type Random = ReturnType<typeof createRandom>;

interface Row {
  readonly id: string;
  readonly system: string;
  readonly size: number;
  readonly uid?: string;
  readonly groups: readonly string[];
}
interface Thing {
  readonly id: number | string;
  size: number;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
}

const shape: RowShape<Row> = {
  key: ['id', 'system'],
  fields: ['id', 'system', 'size', 'uid', 'groups'],
  search: ['id', 'uid', 'groups'],
};

/** `onRead`: called with each row that is made. */
const readers = (system: string, onRow: () => void = () => {}): Readers<Thing, Row> => ({
  id: ({ id }) => String(id),
  system: () => {
    onRow();
    return system;
  },
  size: ({ size }) => size,
  uid: ({ uid }) => uid,
  groups: ({ groups }) => groups,
});

const ids = [1, 2, 9, 10, 11, 100, '1a', 'a', 'B', 'ä', '云', ''];
const texts = ['', 'a', 'A', 'al', 'bob', '7', '07', '10', '9', undefined] as const;
const things = (random: Random, count: number): Thing[] =>
  Array.from({ length: count }, (_, at) => ({
    id: at < ids.length ? (ids[at] ?? at) : at * 7,
    size: pick(random, 4) === 0 ? pick(random, 1000) : 0,
    uid: pickOf(random, texts),
    groups: Array.from({ length: pick(random, 3) }, () => pickOf(random, ['room', 'Lobby', '云'])),
  }));
const conditions = [
  'uid=a',
  'uid!=',
  'uid~A',
  'size>5',
  'size<900',
  'groups=room',
  'groups>0',
  'id>9',
  'system=two',
] as const;

function randomQuery(random: Random): ListQuery {
  const sort = pickOf(random, [undefined, ...shape.fields]);
  const where = Array.from({ length: pick(random, 3) }, () => parseCondition(pickOf(random, conditions)));
  const search = pickOf(random, [undefined, undefined, 'A', '1']);
  return {
    ...(sort !== undefined && { sort }),
    ...(pick(random, 2) === 0 && { descending: true }),
    ...(where.length > 0 && { where }),
    ...(search !== undefined && { search }),
    limit: pickOf(random, [1, 2, 5, 40, 1000]),
  };
}

/** All pages, one after the other. */
async function pagesOf(get: (query: ListQuery) => Page<Row> | Promise<Page<Row>>, query: ListQuery) {
  const pages: Page<Row>[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await get({ ...query, ...(cursor !== undefined && { cursor }) });
    pages.push(page);
    if (page.cursor === undefined) return pages;
    cursor = page.cursor;
  }
}

describe('a selection', () => {
  test('is the same where digits are compared as the numbers they are, and goes on behind a cursor of either', async () => {
    const random = createRandom(9);
    for (let round = 0; round < 50; round += 1) {
      const items = things(random, 200).slice(ids.length);
      const read = readers('one');
      const numbers = { id: ({ id }: Thing) => Number(id) };
      const query = { ...randomQuery(random), limit: 7 };
      const [slow, fast] = [[{ items, read }], [{ items, read, numbers }]];
      const plain = await pagesOf((q) => selectRows(slow, shape, q), query);
      const mixed = await pagesOf((q) => selectRows(pick(random, 2) === 0 ? fast : slow, shape, q), query);
      assert.deepEqual(
        mixed.map(({ items: rows, total }) => [rows, total]),
        plain.map(({ items: rows, total }) => [rows, total]),
      );
    }
  });

  test('answers, page by page, what all rows filtered, sorted and cut would be', async () => {
    const random = createRandom(8);
    for (let round = 0; round < 300; round += 1) {
      const sources = ['one', 'two'].map((system) => ({
        items: things(random, pick(random, 60)),
        read: readers(system),
      }));
      const rows = sources.flatMap(({ items, read }) =>
        items.map((thing): Row => {
          const { uid } = thing;
          return {
            id: String(thing.id),
            system: read.system(thing) ?? '',
            size: thing.size,
            ...(uid !== undefined && { uid }),
            groups: thing.groups,
          };
        }),
      );
      const query = randomQuery(random);
      const fast = await pagesOf((q) => selectRows(sources, shape, q), query);
      const plain = await pagesOf((q) => queryRows(rows, shape, q), query);
      assert.deepEqual(fast, plain, JSON.stringify(query));
    }
  });

  test('refuses what a list refuses', async () => {
    const sources = [{ items: things(createRandom(1), 3), read: readers('one') }];
    for (const [query, field] of [
      [{ sort: 'none' }, 'sort'],
      [{ where: [parseCondition('none=1')] }, 'where'],
      [{ where: [parseCondition('size>x')] }, 'where'],
      [{ cursor: 'x' }, 'cursor'],
    ] as const) {
      await assert.rejects(selectRows(sources, shape, query), { code: 'bad_request', field });
      await assert.rejects(selectRows([], shape, query), { code: 'bad_request', field });
    }
  });

  test('makes no row that is not on its page', async () => {
    let made = 0;
    const items = things(createRandom(2), 5000);
    await selectRows([{ items, read: readers('one', () => (made += 1)) }], shape, { sort: 'uid', limit: 10 });
    // Ten rows, and the places of those that were among the first for a while.
    assert.ok(made < 1000, `${made} of 5000`);
  });

  test('lets the loop have turns, and shows a figure as it was when its row got its place', async () => {
    const items = things(createRandom(3), 10_000).map((thing, at) => ({ ...thing, size: at }));
    const slices = createSlices(0);
    let turns = 0;
    const next = async () => {
      turns += 1;
      // Whoever was looked at is worth nothing from now on.
      if (turns === 70) for (const thing of items) thing.size = 0;
      await slices.next();
    };
    const { items: rows, total } = await selectRows(
      [{ items, read: readers('one') }],
      shape,
      { sort: 'size', descending: true, limit: 3 },
      { isOver: true, next },
    );
    assert.ok(turns > 70, `${turns}`);
    assert.equal(total, 10_000);
    assert.deepEqual(
      rows.map(({ size }) => size),
      [8958, 8957, 8956],
    );
  });

  test('is made in one go where there is little', async () => {
    let turns = 0;
    const next = async () => {
      turns += 1;
    };
    const slices = { isOver: true, next };
    await selectRows([{ items: things(createRandom(4), 100), read: readers('one') }], shape, {}, slices);
    assert.equal(turns, 0);
  });
});

test('the first of many are kept in order, whatever order they come in', () => {
  const random = createRandom(5);
  for (let round = 0; round < 300; round += 1) {
    const limit = 1 + pick(random, 20);
    const numbers = Array.from({ length: pick(random, 100) }, () => pick(random, 30));
    const first = new FirstOf<number>(limit, (a, b) => a - b);
    for (const number of numbers) first.offer(number);
    const expected = numbers.toSorted((a, b) => a - b).slice(0, limit);
    assert.deepEqual(first.sorted(), expected);
    assert.equal(first.last, expected.length < limit ? undefined : expected.at(-1));
  }
});
