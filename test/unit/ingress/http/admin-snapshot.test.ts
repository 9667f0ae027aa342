import assert from 'node:assert/strict';
import test from 'node:test';
import { YunqueError } from '../../../../src/api/errors.ts';
import { clusterStats, nodeStats } from '../../../support/node-stats.ts';
import { startDoors } from './harness.ts';

const json = (text: string) => JSON.parse(text);
const stats = clusterStats(5, [nodeStats({ node: 'n1' })], ['n2']);

test('a snapshot is the stats, and no list where none is named', async (t) => {
  const doors = await startDoors(t, { stats: () => stats });
  const { status, text } = await doors.ask('/admin/v1/snapshot');
  assert.deepEqual([status, json(text)], [200, { schema: 'yunque.snapshot/1', stats }]);
  assert.deepEqual(doors.commands, [{ type: 'stats' }]);
  assert.deepEqual(doors.judged, ['inspect']);
});

test('a snapshot brings a page of each kind of list, with what was asked of it', async (t) => {
  const page = { items: [], total: 7, missingNodes: ['n2'] };
  const kinds = {
    connections: 'listConnections',
    users: 'listUsers',
    groups: 'listGroups',
    systems: 'listSystems',
  } as const;
  const doors = await startDoors(t, {
    stats: () => stats,
    ...Object.fromEntries(Object.values(kinds).map((type) => [type, () => page])),
  });
  for (const [kind, type] of Object.entries(kinds)) {
    doors.commands.length = 0;
    const more = 'system=sys&where=queueBytes%3E10&sort=system&descending=true&limit=3&cursor=c&search=a';
    const { text } = await doors.ask(`/admin/v1/snapshot?list=${kind}&${more}`);
    assert.deepEqual(json(text), { schema: 'yunque.snapshot/1', stats, list: { kind, page } });
    const where = [{ field: 'queueBytes', op: '>', value: '10' }];
    const query = { system: 'sys', where, sort: 'system', descending: true, limit: 3, cursor: 'c', search: 'a' };
    assert.deepEqual(
      doors.commands.toSorted((a, b) => a.type.localeCompare(b.type)),
      [{ type, query }, { type: 'stats' }],
    );
  }
});

test('a list is asked for while the stats are still under way', async (t) => {
  const list = Promise.withResolvers<void>();
  const doors = await startDoors(t, {
    stats: async () => {
      await list.promise;
      return stats;
    },
    listUsers: () => {
      list.resolve();
      return { items: [], total: 0 };
    },
  });
  assert.equal((await doors.ask('/admin/v1/snapshot?list=users')).status, 200);
});

test('a list that cannot be answered says why and leaves the stats alone', async (t) => {
  const hint = 'fields: cid';
  const fault = new Error('a fault of ours');
  const doors = await startDoors(t, {
    stats: () => stats,
    listConnections: () => {
      throw new YunqueError('bad_request', 'there is no field "x"', { field: 'sort', hint });
    },
    listGroups: () => {
      throw fault;
    },
  });
  const listOf = async (query: string) => {
    const { status, text } = await doors.ask(`/admin/v1/snapshot?${query}`);
    assert.deepEqual([status, json(text).stats], [200, stats], query);
    return json(text).list;
  };
  assert.deepEqual(await listOf('list=connections&sort=x'), {
    kind: 'connections',
    error: { code: 'bad_request', message: 'there is no field "x"', hint },
  });
  assert.equal((await listOf('list=connections&where=nonsense')).error.code, 'bad_request');
  assert.equal((await listOf('list=users&system=none')).error.code, 'unknown_system');
  assert.equal((await listOf('list=groups')).error.code, 'internal');
  assert.deepEqual(
    doors.errors.map(({ error }) => error),
    [fault],
  );
});

test('a snapshot without stats is none, and a parameter that is unknown is refused', async (t) => {
  const doors = await startDoors(t, {
    stats: () => {
      throw new YunqueError('unavailable');
    },
  });
  assert.equal((await doors.ask('/admin/v1/snapshot?list=users')).status, 503);
  for (const query of ['list=members', 'sorted=uid', 'limit=0']) {
    const { status, text } = await doors.ask(`/admin/v1/snapshot?${query}`);
    assert.deepEqual([status, json(text).error.code], [400, 'bad_request'], query);
  }
});
