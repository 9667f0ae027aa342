import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCondition } from '../../../../src/api/condition.ts';
import { userFields } from '../../../../src/api/list-fields.ts';
import type { ListQuery, Page, UserInfo } from '../../../../src/api/listing.ts';
import type { Readers } from '../../../../src/registry/rows.ts';
import { putTogether, type RowsApart, takeApart } from '../../../../src/routing/cluster/rows-apart.ts';
import { createSharedNames } from '../../../../src/routing/cluster/shared-names.ts';
import { userShape } from '../../../../src/routing/lists.ts';
import { queryRows } from '../../../../src/routing/query-rows.ts';
import { createRandom, pick, pickOf } from '../../../support/random.ts';

const read = Object.fromEntries(userFields.map((field) => [field, (row: UserInfo) => row[field]])) as Readers<
  UserInfo,
  UserInfo
>;
const join = (a: UserInfo, b: UserInfo): UserInfo => ({
  ...a,
  connections: a.connections + b.connections,
  nodes: [...a.nodes, ...b.nodes],
});
const user = (uid: string, node: string, connections = 1): UserInfo => {
  return { uid, system: 'default', connections, devices: [], groups: [], nodes: [node], boundAt: 1 };
};

/** Over the wire. */
const sent = <T>(part: T): T => JSON.parse(JSON.stringify(part)) as T;
const apart = async (rows: readonly UserInfo[], query: ListQuery, isAlone: (uid: string) => boolean) =>
  sent(await takeApart([{ items: rows, read }], userShape, query, (_, uid) => isAlone(uid)));

describe('rows of several nodes', () => {
  const random = createRandom(11);
  const nodes = ['n1', 'n2', 'n3'];

  test('put together are, page by page, what all rows in one place would be, with a node of an earlier release too', async () => {
    for (let round = 0; round < 200; round += 1) {
      const held = new Map(nodes.map((node) => [node, new Map<string, UserInfo>()]));
      for (let n = pick(random, 60); n >= 0; n -= 1) {
        const [uid, node] = [`u${pick(random, 40)}`, pickOf(random, ['n1', 'n2', 'n3'])];
        held.get(node)?.set(uid, user(uid, node, 1 + pick(random, 4)));
      }
      const holders = (uid: string) => nodes.filter((node) => held.get(node)?.has(uid));
      const all = new Map<string, UserInfo>();
      for (const rows of held.values()) {
        for (const [uid, row] of rows) all.set(uid, all.has(uid) ? join(all.get(uid) as UserInfo, row) : row);
      }
      const where = pickOf(random, [[], ['uid~1'], ['connections>2'], ['uid!=u1', 'connections<5']]).map(
        parseCondition,
      );
      const sort = pickOf(random, [undefined, 'connections', 'nodes']);
      const search = pickOf(random, [undefined, 'u1']);
      const query: ListQuery = {
        limit: pickOf(random, [1, 3, 10]),
        where,
        ...(sort !== undefined && { sort }),
        ...(search !== undefined && { search }),
        ...(pick(random, 2) === 0 && { descending: true }),
      };
      const isOld = pick(random, 2) === 0;
      for (let cursor: string | undefined; ; ) {
        const asked = { ...query, ...(cursor !== undefined && { cursor }) };
        const parts: (RowsApart | UserInfo[])[] = [];
        for (const [node, rows] of held) {
          if (isOld && node === 'n3') parts.push([...rows.values()]);
          else parts.push(await apart([...rows.values()], asked, (uid) => holders(uid).length === 1));
        }
        const page = await putTogether(parts, userShape, asked, join);
        assert.deepEqual(page, queryRows(all.values(), userShape, asked), JSON.stringify(asked));
        cursor = page.cursor;
        if (cursor === undefined) break;
      }
    }
  });

  test('are sent as far as they are needed: a page of what one node alone has, of the others those whose key is meant', async () => {
    const rows = Array.from({ length: 500 }, (_, at) => user(`u${at}`, 'n1'));
    const all = await apart(rows, { limit: 10, sort: 'connections' }, (uid) => uid !== 'u7');
    assert.deepEqual([all.page.items.length, all.page.total], [10, 499]);
    assert.deepEqual(all.shared, [userFields.map((field) => user('u7', 'n1')[field])]);
    const where = ['uid~u7', 'connections>1'].map(parseCondition);
    const some = await apart(rows, { where }, () => false);
    assert.deepEqual([some.page.total, some.shared.length], [0, 11]);
  });

  test('are one row each where a user came to a second node in that very moment', async () => {
    const on = async (node: string, isAlone: boolean) =>
      apart([user('u', node), user(`${node}-own`, node)], {}, () => isAlone);
    for (const parts of [
      [await on('n1', true), await on('n2', true)],
      [await on('n1', true), await on('n2', false)],
      [await on('n1', false), await on('n2', true)],
    ]) {
      const { items, total }: Page<UserInfo> = await putTogether(parts, userShape, { descending: true }, join);
      assert.deepEqual([items.map(({ uid }) => uid), total], [['u', 'n2-own', 'n1-own'], 3]);
      assert.deepEqual(items[0]?.nodes.toSorted(), ['n1', 'n2']);
    }
  });
});

test('whose a name is: nobody else’s, of several the first node’s, and nobody knows it while places are asked for or untold', () => {
  let nodes: string[] | Promise<string[]> | undefined;
  let isUnsure = false;
  const directory = { nodesOf: () => nodes, groupNodes: () => undefined };
  const names = createSharedNames({ self: 'n2', directory, isUnsure: () => isUnsure });
  const standing = () => names.standingOf('users', 's', 'u');
  for (const [known, expected] of [
    [['n2'], 'alone'],
    [['n3', 'n2'], 'first'],
    [['n2', 'n1'], 'other'],
    [['n1'], undefined],
    [undefined, undefined],
    [Promise.resolve(['n2']), undefined],
    [Promise.reject(new Error('no store')), undefined],
  ] as const) {
    nodes = known as typeof nodes;
    assert.equal(standing(), expected);
  }
  assert.equal(names.standingOf('groups', 's', 'g'), undefined);
  nodes = ['n2'];
  isUnsure = true;
  assert.equal(standing(), undefined);
});
