import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openRedis } from '../../src/backends/redis.ts';
import { redisOptionsOfUrl } from '../../src/backends/redis-options.ts';
import type { RedisClient } from '../../src/backends/redis-script.ts';
import type { Leases, Reentry } from '../../src/directory/leases.ts';
import type { RedisLeases } from '../../src/directory/redis/leases.ts';
import { StartError } from '../../src/util/start-error.ts';
import { eventually } from '../support/eventually.ts';
import { beatMs, infoOf, leaseMs, openLeases, scratchDirectory } from '../support/leases.ts';
import { connectRedis, connectRedisCluster, startOneNodeCluster } from '../support/redis-client.ts';
import { startRedis } from '../support/services/redis.ts';
import type { Service } from '../support/services/service.ts';

const idsOf = ({ members }: Leases) => members.map(({ id }) => id).join();
const refusal =
  (words: RegExp, exitCode = 78) =>
  (error: unknown) => {
    assert.ok(error instanceof StartError, String(error));
    assert.match(error.message, words);
    assert.equal(error.exitCode, exitCode);
    return true;
  };

/** A server and what joins it; a member's `client` may be disconnected, which is how it dies without a word. */
async function begin(t: TestContext, args: readonly string[] = []) {
  const redis = await startRedis(t, { args });
  const direct = connectRedis(t, redis.port);
  const connect = (context: TestContext) => connectRedis(context, redis.port);
  const open = (id: string, more: Parameters<typeof openLeases>[3] = {}) => openLeases(t, connect, id, more);
  const join = async (id: string, more: Parameters<typeof openLeases>[3] = {}) => {
    const client: RedisClient = connect(t);
    const leases = await open(id, { client, ...more });
    const claim = await leases.claim();
    await leases.publish(infoOf(1666));
    return { leases, client, claim };
  };
  return { redis, direct, open, join };
}

describe('Leases in Redis', () => {
  test('a node is a member for all, itself included, once it has published', async (t) => {
    const { open } = await begin(t);
    const [a, b] = [await open('a'), await open('b')];
    const first = await a.claim();
    const second = await b.claim();
    assert.deepEqual([first.members, second.members], [[], []]);
    assert.ok(second.incarnation > first.incarnation);
    assert.notEqual(second.cidLease, first.cidLease);
    await a.publish(infoOf(1666));
    const { incarnation, cidLease } = first;
    assert.deepEqual(a.members, [{ ...infoOf(1666), id: 'a', incarnation, cidLease }]);
    await eventually('b knows', () => idsOf(b) === 'a');
    assert.deepEqual(b.members, a.members);
    assert.equal(a.isCertain, true);
  });

  test('the others hear of a member that comes, changes and goes at once, and each of it once', async (t) => {
    const { redis } = await begin(t);
    // No beat comes to help: an hour apart.
    const slow = { beatMs: 3_600_000, leaseMs: 7_200_000 };
    const connect = (context: TestContext) => connectRedis(context, redis.port);
    const [a, b] = [await openLeases(t, connect, 'a', slow), await openLeases(t, connect, 'b', slow)];
    const heard: string[] = [];
    await a.claim();
    a.watch({ onMembers: (members) => void heard.push(members.map(({ id, state }) => `${id} ${state}`).join()) });
    await b.claim();
    await b.publish(infoOf(1));
    await eventually('a sees b', () => heard.length === 1);
    await b.publish(infoOf(1, { state: 'draining' }));
    await eventually('a sees the change', () => heard.length === 2);
    await b.release();
    await eventually('a sees it go', () => heard.length === 3);
    assert.deepEqual(heard, ['b serving', 'b draining', '']);
  });

  test('a member that beats no more is gone for all when its lease is over, and not before', async (t) => {
    const { join } = await begin(t);
    const [a, b, c] = [await join('a'), await join('b'), await join('c')];
    await eventually('all know all', () => [a, b, c].every(({ leases }) => idsOf(leases) === 'a,b,c'));
    const died = performance.now();
    c.client.disconnect();
    await eventually('both see it', () => idsOf(a.leases) === 'a,b' && idsOf(b.leases) === 'a,b');
    const after = performance.now() - died;
    // It had beaten at most one beat before.
    assert.ok(after > leaseMs - beatMs - 100, `after ${after} ms`);
    assert.equal(idsOf(c.leases), 'a,b,c');
    assert.equal(typeof c.leases.failure, 'string');
    await eventually('its lease is no longer sure', () => !c.leases.isCertain);
  });

  test('the same data directory takes its lease over at once, with a greater incarnation and other cids', async (t) => {
    const { join, open, direct } = await begin(t);
    const dataDirectory = await scratchDirectory(t);
    const a = await join('a');
    const before = await join('b', { dataDirectory });
    await eventually('a knows', () => idsOf(a.leases) === 'a,b');
    before.client.disconnect();
    const alias = aliasIn(dataDirectory);
    await symlink(dataDirectory, alias);
    const again = await open('b', { dataDirectory: alias });
    const { incarnation, cidLease } = await again.claim();
    assert.ok(incarnation > before.claim.incarnation);
    assert.notEqual(cidLease, before.claim.cidLease);
    await eventually('the earlier start has gone before the new one is there', () => idsOf(a.leases) === 'a');
    await again.publish(infoOf(1));
    await eventually('a knows the new one', () => a.leases.members[1]?.incarnation === incarnation);
    assert.equal(await direct.zscore('test:{nodes}:retired', String(cidLease)), null);
    assert.notEqual(await direct.zscore('test:{nodes}:retired', String(before.claim.cidLease)), null);
  });

  test('the same node id elsewhere is refused while its holder beats, and the holder is named', async (t) => {
    const { join, open } = await begin(t);
    const dataDirectory = await scratchDirectory(t);
    const a = await join('a', { dataDirectory });
    const copy = await open('a');
    await assert.rejects(
      copy.claim(),
      refusal(new RegExp(`node id a is held by \\S+:${dataDirectory}, which still beats`)),
    );
    assert.equal(a.leases.failure, undefined);
    assert.equal(idsOf(a.leases), 'a');
    assert.equal(a.leases.incarnation, a.claim.incarnation);
  });

  test('the same node id elsewhere gets the lease of one that beats no more, when it is over', async (t) => {
    const { join, open } = await begin(t);
    const before = await join('a');
    before.client.disconnect();
    const { incarnation } = await (await open('a')).claim();
    assert.ok(incarnation > before.claim.incarnation);
  });

  for (const [what, term] of [
    ['crypto key', { key: 'crypto.key', value: 'a key of the tests', secret: true }],
    ['cluster secret', { key: 'cluster.secret', value: 'a secret of the tests', secret: true }],
  ] as const) {
    test(`another ${what} than a living node’s is refused, and nobody can read either; when all others are gone, a new one is taken`, async (t) => {
      const { join, open, direct } = await begin(t);
      const a = await join('a', { terms: [term] });
      const changed = { terms: [{ ...term, value: 'something new' }] };
      await assert.rejects(
        (await open('b', changed)).claim(),
        refusal(new RegExp(`^${term.key}: it differs from that of the node a of the cluster test$`)),
      );
      const kept = JSON.parse((await direct.hget('test:{nodes}:terms', 'a')) ?? '') as Record<string, string>;
      assert.match(kept[term.key] ?? '', /^[0-9a-f]{32}$/);
      assert.equal(idsOf(a.leases), 'a');
      await a.leases.release();
      const b = await join('b', changed);
      await assert.rejects((await open('a', { terms: [term] })).claim(), refusal(/node b of the cluster test$/));
      b.client.disconnect();
      // It did not say that it goes: its lease is waited for.
      await (await open('c', { terms: [term] })).claim();
    });
  }

  test('what is no secret is told in plain words, the first of several, and of a node that has it otherwise', async (t) => {
    const { join, open } = await begin(t);
    const bus = (value: string) => ({ key: 'cluster.bus', value });
    const topic = (value: string) => ({ key: 'kafka.topic', value });
    await join('a', { terms: [bus('kafka')] });
    await join('b', { terms: [bus('kafka'), topic('news')] });
    await assert.rejects(
      (await open('c', { terms: [bus('kafka'), topic('olds')] })).claim(),
      refusal(/^kafka\.topic: olds here, and news on the node b of the cluster test$/),
    );
    await assert.rejects(
      (await open('c', { terms: [{ ...bus('rpc'), note: 'for a reason' }, topic('olds')] })).claim(),
      refusal(/^cluster\.bus: rpc here, and kafka on the node [ab] of the cluster test \(for a reason\)$/),
    );
  });

  test('what only one of two versions of the program knows does not keep them apart', async (t) => {
    const { join } = await begin(t);
    const common = { key: 'cluster.bus', value: 'rpc' };
    const all = [
      await join('a', { terms: [common] }),
      await join('b', { terms: [common, { key: 'something.new', value: '1' }] }),
      await join('c', { terms: [{ key: 'another', value: '"' }, common] }),
    ];
    await eventually('all know all', () => all.every(({ leases }) => idsOf(leases) === 'a,b,c'));
  });

  test('whose place was taken by nodes that have it otherwise stays out, and says why', async (t) => {
    const { join, open, redis } = await begin(t);
    const client = connectRedis(t, redis.port);
    const a = await join('a', { client, terms: [{ key: 'cluster.bus', value: 'rpc' }] });
    client.disconnect();
    const b = await open('b', { terms: [{ key: 'cluster.bus', value: 'redis' }] });
    await b.claim();
    await client.connect();
    await eventually(
      'it is told',
      () => a.leases.failure?.startsWith('cluster.bus: rpc here, and redis on the node b') === true,
    );
    assert.equal(a.leases.isCertain, false);
    await b.release();
    await eventually('it is in again', () => a.leases.failure === undefined);
  });

  test('what a newer version wrote is refused', async (t) => {
    const { direct, open } = await begin(t);
    await direct.hset('test:{nodes}:meta', { schema: '2', something: 'else' });
    await assert.rejects((await open('a')).claim(), refusal(/with schema 2, and this yunque knows 1/));
    assert.deepEqual(await direct.hgetall('test:{nodes}:meta'), { schema: '2', something: 'else' });
  });

  test('without Redis a claim fails with the reason', async (t) => {
    const { redis, open } = await begin(t);
    await redis.stop();
    await assert.rejects(
      (await open('a')).claim(),
      refusal(/Redis cannot be asked for the nodes of the cluster test/, 1),
    );
  });

  for (const [name, args] of [
    ['and has lost its data', []],
    ['with its data', ['--appendonly', 'yes', '--appendfsync', 'always']],
  ] as const) {
    test(`Redis is gone for a while ${name}: nobody is declared dead, and all enter again as they were`, async (t) => {
      const { redis, join } = await begin(t, args);
      const all = [await join('a'), await join('b'), await join('c')];
      await eventually('all know all', () => all.every(({ leases }) => idsOf(leases) === 'a,b,c'));
      const heard: unknown[] = [];
      const failures: (string | undefined)[] = [];
      for (const { leases } of all) {
        leases.watch({
          onMembers: (members) => void heard.push(members),
          onReentry: (reentry) => void heard.push(reentry),
          onFailure: (failure) => void failures.push(failure),
        });
      }
      const known = all.map(({ leases }) => leases.members);
      await redis.stop();
      await eventually('all say so', () => all.every(({ leases }) => leases.failure !== undefined));
      await delay(2 * leaseMs);
      assert.deepEqual(
        all.map(({ leases }) => leases.isCertain),
        [false, false, false],
      );
      await redis.start();
      await eventually('all are back', () => all.every(({ leases }) => leases.failure === undefined));
      const fresh = await join('d');
      await eventually('a fourth knows all, and all know it', () =>
        [...all, fresh].every(({ leases }) => idsOf(leases) === 'a,b,c,d'),
      );
      assert.deepEqual(fresh.leases.members.slice(0, 3), known[0]);
      assert.deepEqual(
        heard,
        all.map(() => fresh.leases.members),
      );
      assert.equal(failures.filter((failure) => failure === undefined).length, 3);
    });
  }

  test('after a loss of data those who do not come back are gone when a lease has passed', async (t) => {
    const { redis, join } = await begin(t);
    const [a, b] = [await join('a'), await join('b')];
    await eventually('a knows b', () => idsOf(a.leases) === 'a,b');
    await redis.stop();
    b.client.disconnect();
    await redis.start();
    await eventually('a is back', () => a.leases.failure === undefined);
    assert.equal(idsOf(a.leases), 'a,b');
    await eventually('b has gone', () => idsOf(a.leases) === 'a');
  });

  test('Redis that hangs is a failure, and nobody dies of it', async (t) => {
    const { redis, join } = await begin(t);
    const all = [await join('a', { timeoutMs: 200 }), await join('b', { timeoutMs: 200 })];
    await eventually('both know both', () => all.every(({ leases }) => idsOf(leases) === 'a,b'));
    const heard: unknown[] = [];
    for (const { leases } of all) leases.watch({ onMembers: (m) => heard.push(m), onReentry: (r) => heard.push(r) });
    redis.kill('SIGSTOP');
    await eventually('both say so', () => all.every(({ leases }) => leases.failure !== undefined));
    await delay(2 * leaseMs);
    redis.kill('SIGCONT');
    await eventually('both are back', () => all.every(({ leases }) => leases.failure === undefined));
    await delay(2 * leaseMs);
    assert.deepEqual(heard, []);
  });

  for (const jumpMs of [-3_600_000, 3_600_000]) {
    test(`the time of Redis is set by ${jumpMs} ms: nobody dies of it, and deaths are seen as before`, async (t) => {
      const { direct, join } = await begin(t);
      const all = [await join('a'), await join('b')];
      const third = await join('c');
      await eventually('all know all', () => all.every(({ leases }) => idsOf(leases) === 'a,b,c'));
      const heard: unknown[] = [];
      for (const { leases } of all) leases.watch({ onReentry: (reentry) => void heard.push(reentry) });
      await direct.hincrby('test:{nodes}:meta', 'at', -jumpMs);
      await delay(2 * leaseMs);
      assert.deepEqual(
        [...all, third].map(({ leases }) => idsOf(leases)),
        ['a,b,c', 'a,b,c', 'a,b,c'],
      );
      assert.deepEqual(heard, []);
      third.client.disconnect();
      await eventually('its death is seen', () => all.every(({ leases }) => idsOf(leases) === 'a,b'));
    });
  }

  test('scripts that Redis has forgotten are sent again, unnoticed', async (t) => {
    const { direct, join } = await begin(t);
    const { leases } = await join('a');
    const failures: unknown[] = [];
    leases.watch({ onFailure: (failure) => void failures.push(failure) });
    await direct.script('FLUSH');
    await leases.publish(infoOf(5));
    assert.equal(leases.members[0]?.port, 5);
    assert.deepEqual(failures, []);
  });

  test('a process that stood still enters again with a greater incarnation, and does not act on the old lease', async (t) => {
    const { redis, join } = await begin(t);
    const a = await join('a');
    const child = await startNode(t, redis, 'b');
    const [{ incarnation }] = child.lines as [{ incarnation: number }];
    await eventually('a knows b', () => idsOf(a.leases) === 'a,b');
    child.process.kill('SIGSTOP');
    await eventually('b has gone', () => idsOf(a.leases) === 'a');
    child.process.kill('SIGCONT');
    await eventually('it has entered again', () => child.lines.length === 2);
    const { reentry } = child.lines[1] as { reentry: Reentry };
    assert.equal(reentry.previousIncarnation, incarnation);
    assert.ok(reentry.incarnation > incarnation);
    assert.equal(reentry.cidLease, reentry.previousCidLease);
    await eventually('a knows the new one', () => a.leases.members[1]?.incarnation === reentry.incarnation);
    child.process.kill('SIGKILL');
    await eventually('killed, it goes', () => idsOf(a.leases) === 'a');
  });

  test('whose id was taken meanwhile stays out, says by whom, and takes it back when that one has gone', async (t) => {
    const { join, open, redis } = await begin(t);
    const client = connectRedis(t, redis.port);
    const a = await join('a', { client });
    client.disconnect();
    const thief = await open('a');
    await thief.claim();
    await thief.publish(infoOf(7));
    await client.connect();
    await eventually('it is told', () => /node id a is held by/.test(a.leases.failure ?? ''));
    assert.equal(a.leases.isCertain, false);
    await thief.release();
    await eventually('it has it again', () => a.leases.failure === undefined);
    assert.ok((a.leases.incarnation ?? 0) > (a.claim.incarnation ?? 0));
  });

  test('clusters of hostile names and nodes of hostile ids do not touch each other', async (t) => {
    const { open, direct } = await begin(t);
    const names = ['a', 'a:{nodes}', '{', '}{', 'a%3A', '云雀', '*'];
    const ids = ['', ':', '{x}', '1:2:3:4', '__proto__', '云雀', 'a\nb', '"'];
    for (const cluster of names) {
      const all = await Promise.all(ids.map((id) => open(id, { cluster })));
      for (const leases of all) await leases.claim();
      for (const leases of all) await leases.publish(infoOf(names.indexOf(cluster)));
      const first = all[0] as RedisLeases;
      await eventually(`all of ${cluster}`, () => first.members.length === ids.length);
      assert.deepEqual(
        first.members.map(({ id }) => id),
        [...ids].sort(),
      );
      assert.ok(first.members.every(({ port }) => port === names.indexOf(cluster)));
      await Promise.all(all.map((leases) => leases.release()));
    }
    assert.equal((await direct.keys('*:{nodes}:meta')).length, names.length);
  });

  test('a Redis Cluster does as well: members, changes at once, deaths', async (t) => {
    const cluster = await startOneNodeCluster(t);
    const connect = (context: TestContext) => connectRedisCluster(context, [cluster.port]);
    const client = connect(t);
    const [a, b] = [await openLeases(t, connect, 'a'), await openLeases(t, connect, 'b', { client })];
    for (const leases of [a, b]) {
      await leases.claim();
      await leases.publish(infoOf(1666));
    }
    await eventually('both know both', () => idsOf(a) === 'a,b' && idsOf(b) === 'a,b');
    client.disconnect();
    await eventually('b has gone', () => idsOf(a) === 'a');
  });

  test('over the connections of the program, a restart of Redis without its data is made up for, and changes are told at once again', async (t) => {
    const redis = await startRedis(t);
    const options = redisOptionsOfUrl(redis.url, 500);
    const open = async (id: string) => {
      const [link, news] = [await openRedis(options), await openRedis({ ...options, use: 'subscribing' })];
      t.after(() => link.close());
      t.after(() => news.close());
      const leases = await openLeases(t, () => link.client, id, { subscriber: news.client });
      await leases.claim();
      await leases.publish(infoOf(1666));
      return leases;
    };
    const all = [await open('a'), await open('b')] as const;
    await eventually('both know both', () => all.every((leases) => idsOf(leases) === 'a,b'));
    const before = all.map(({ incarnation }) => incarnation);
    await redis.stop();
    await eventually('both say so', () => all.every(({ failure }) => failure !== undefined));
    await redis.start({ keepData: false });
    await eventually('both are back', () => all.every(({ failure }) => failure === undefined));
    assert.deepEqual(
      all.map(({ incarnation }) => incarnation),
      before,
    );
    await all[1].publish(infoOf(1667));
    await eventually('a is told', () => all[0].members[1]?.port === 1667);
  });

  test('a released lease may be claimed again, from anywhere and at once', async (t) => {
    const { join, open } = await begin(t);
    const a = await join('a');
    await a.leases.release();
    await a.leases.release();
    assert.equal(a.leases.incarnation, undefined);
    await (await open('a')).claim();
  });
});

const aliasIn = (directory: string) => join(directory, 'alias');

/** A process of its own that holds a lease; resolves with its first line. */
async function startNode(t: TestContext, redis: Service, id: string) {
  const script = join(import.meta.dirname, '../support/lease-node.ts');
  const args = [script, String(redis.port), id, await scratchDirectory(t), String(beatMs), String(leaseMs)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const lines: unknown[] = [];
  const reader = createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
  await once(reader, 'line');
  return { process: child, lines };
}
