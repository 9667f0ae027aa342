import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { YunqueError } from '../../src/api/errors.ts';
import type { KeyGrant } from '../../src/api/keys.ts';
import type { RedisStores } from '../../src/store/redis/stores.ts';
import { StartError } from '../../src/util/start-error.ts';
import { eventually } from '../support/eventually.ts';
import { createRandom, pick, pickOf } from '../support/random.ts';
import { connectRedis, connectRedisCluster, startOneNodeCluster } from '../support/redis-client.ts';
import { TestCopies } from '../support/redis-stores.ts';
import { startRedis } from '../support/services/redis.ts';

const shopKey: KeyGrant = { owner: 'system', system: 'shop', role: 'push' };
const namesOf = async ({ systems }: RedisStores) => (await systems.list()).map(({ system }) => system).join();
const contentOf = async ({ systems, keys, bans }: RedisStores) => {
  const records = await systems.list();
  return JSON.stringify({
    records,
    keyed: records.filter(({ system }) => keys.isKeyed(system)).map(({ system }) => system),
    keys: await Promise.all((await keys.list()).map(({ id }) => keys.find(id))),
    bans: await bans.list(0),
  });
};

/** A Redis and what copies of one cluster there is made with. */
async function begin(t: TestContext, { persistent = false } = {}) {
  const redis = await startRedis(t, { persistent });
  const connect = () => connectRedis(t, redis.port);
  return { redis, direct: connect(), copies: new TestCopies(t, connect) };
}

describe('Systems, keys and bans in Redis', () => {
  test('what was written is there for a copy that opens later, keys in the order of making', async (t) => {
    const { copies } = await begin(t);
    const first = await copies.open();
    await first.systems.addAll(['shop', "o'hara 云雀", '__proto__'], 5);
    for (let n = 1; n <= 12; n += 1) await first.keys.rotate(shopKey, { now: false, createdAt: n });
    await first.keys.rotate({ owner: 'operator', role: 'admin' }, { now: false, createdAt: 20, expiresAt: 30 });
    await first.bans.ban({ system: 'shop', uid: 'a\n"b', until: 9e12, reason: 'x' }, 1);
    await first.close();
    const second = await copies.open();
    assert.equal(await contentOf(second), await contentOf(first));
    assert.deepEqual(
      (await second.keys.list()).map(({ createdAt }) => createdAt),
      [11, 12, 20],
    );
  });

  test('copies that write at once agree in the end, and no write is lost or done twice', async (t) => {
    const { copies } = await begin(t);
    const all = [await copies.open(), await copies.open(), await copies.open()] as const;
    const random = createRandom(7);
    const added = new Map<string, number>();
    const names = ['s0', ...Array.from({ length: 40 }, (_, n) => `s${n + 1}`)] as const;
    await Promise.all(
      Array.from({ length: 150 }, async (_, n) => {
        const { systems, keys, bans } = pickOf(random, all);
        const system = pickOf(random, names);
        const what = pick(random, 4);
        if (what === 0) await keys.rotate({ owner: 'operator', role: 'read' }, { now: false, createdAt: n });
        else if (what === 1) await bans.ban({ system: 'default', uid: system, until: 9e12, reason: `${n}` }, 1);
        else if (await systems.add(system, n)) added.set(system, (added.get(system) ?? 0) + 1);
      }),
    );
    assert.ok([...added.values()].every((times) => times === 1));
    assert.equal(await namesOf(all[0]), [...added.keys(), 'default'].sort().join());
    assert.equal((await all[0].keys.list()).length, 2);
    const contents = await Promise.all([...all, await copies.open()].map(contentOf));
    assert.equal(new Set(contents).size, 1);
  });

  test('a copy that was told nothing finds out by itself, at its next write or look', async (t) => {
    const { copies } = await begin(t);
    const silent = { notify: async () => {} };
    const writer = await copies.open(silent);
    const polling = await copies.open({ ...silent, pollMs: 50 });
    const other = await copies.open(silent);
    const removed: string[] = [];
    polling.onLearnt({ onSystemRemoved: (system) => removed.push(system) });
    await writer.systems.add('shop', 1);
    assert.equal(await other.systems.add('shop', 2), false);
    await eventually('it has looked', () => polling.systems.has('shop') === true);
    await writer.keys.rotate(shopKey, { now: true, createdAt: 3 });
    await writer.systems.remove('shop');
    await eventually('it has looked again', () => polling.systems.has('shop') === false);
    assert.deepEqual([removed, polling.keys.isKeyed('shop'), await polling.keys.list()], [['shop'], false, []]);
    await assert.rejects(
      async () => other.keys.rotate(shopKey, { now: true, createdAt: 4 }),
      (error) => error instanceof YunqueError && error.code === 'unknown_system',
    );
  });

  test('a copy that is further behind than the log reads everything anew', async (t) => {
    const { copies } = await begin(t);
    const silent = { notify: async () => {} };
    const [writer, behind] = [await copies.open(silent), await copies.open(silent)];
    await behind.systems.add('gone', 1);
    const removed: string[] = [];
    behind.onLearnt({ onSystemRemoved: (system) => removed.push(system) });
    await writer.systems.remove('gone');
    for (let n = 0; n < 1100; n += 1) await writer.systems.add(`s${n}`, n);
    await behind.systems.add('last', 1);
    await writer.systems.add('last', 1);
    assert.equal(await contentOf(behind), await contentOf(writer));
    assert.deepEqual(removed, ['gone']);
  });

  test('without Redis reads go on, writes are unavailable with what to do, and back again they work', async (t) => {
    const { redis, copies } = await begin(t, { persistent: true });
    const stores = await copies.open();
    const failures: (string | undefined)[] = [];
    stores.onFailure((failure) => failures.push(failure));
    await stores.systems.add('shop', 1);
    await redis.stop();
    await assert.rejects(stores.systems.add('bank', 1), (error) => {
      assert.ok(error instanceof YunqueError);
      assert.equal(error.code, 'unavailable');
      assert.match(error.hint ?? '', /bring Redis back/);
      return true;
    });
    assert.equal(stores.systems.has('shop'), true);
    assert.equal(typeof stores.failure, 'string');
    await redis.start();
    await eventually('it is back', () => stores.failure === undefined);
    assert.equal(failures.at(-1), undefined);
    assert.equal(await stores.systems.add('bank', 1), true);
    assert.equal(await namesOf(await copies.open()), 'bank,default,shop');
  });

  test('a hanging Redis keeps no write waiting: those behind the first are told at once', async (t) => {
    const { redis, copies } = await begin(t);
    const stores = await copies.open({ timeoutMs: 300 });
    redis.kill('SIGSTOP');
    const begun = performance.now();
    const writes = Array.from({ length: 20 }, (_, n) => stores.systems.add(`s${n}`, 1));
    for (const write of writes) await assert.rejects(write, /cannot be changed without Redis/);
    assert.ok(performance.now() - begun < 3000);
    redis.kill('SIGCONT');
    await eventually('it works again', () =>
      stores.systems.add('s', 1).then(
        () => true,
        () => false,
      ),
    );
  });

  test('Redis that lost its data gets it back from the first that sees it, and no keyed system is open in between', async (t) => {
    const { redis, copies } = await begin(t);
    const all = [await copies.open({ pollMs: 100 }), await copies.open({ pollMs: 100 })];
    const [first, second] = all as [RedisStores, RedisStores];
    await first.systems.addAll(['shop', 'bank'], 1);
    const { info } = await first.keys.rotate(shopKey, { now: true, createdAt: 1 });
    const other = await first.keys.rotate({ ...shopKey, system: 'bank' }, { now: true, createdAt: 2 });
    await first.keys.remove(other.info.id);
    await first.bans.ban({ system: 'shop', uid: 'u', until: 9e12, reason: '' }, 1);
    const before = await contentOf(first);
    let opened = 0;
    const watching = setInterval(() => {
      for (const { keys, systems } of copies.all) {
        if (!keys.isKeyed('shop') || !keys.isKeyed('bank') || !systems.has('shop')) opened += 1;
      }
    }, 1);
    const { epoch } = first.position;
    await redis.stop();
    await redis.start({ keepData: false });
    // A newcomer: it waits until those that live have given back what they know.
    const newcomer = await copies.open({ settleMs: 60_000 });
    await eventually('both have found each other', () =>
      all.every(({ position }) => position.epoch === newcomer.position.epoch),
    );
    clearInterval(watching);
    assert.equal(opened, 0);
    assert.notEqual(newcomer.position.epoch, epoch);
    for (const stores of [first, second, newcomer]) assert.equal(await contentOf(stores), before);
    await newcomer.keys.remove(info.id);
    assert.equal(second.keys.find(info.id), undefined);
    assert.equal(second.keys.isKeyed('shop'), true);
  });

  test('somebody who knew nothing began anew on the empty Redis: what the others know is added to it', async (t) => {
    const { copies, direct } = await begin(t);
    const old = await copies.open();
    await old.systems.add('shop', 1);
    const { info } = await old.keys.rotate(
      { owner: 'system', system: 'default', role: 'push' },
      { now: true, createdAt: 1 },
    );
    await old.keys.rotate(shopKey, { now: true, createdAt: 2 });
    await old.keys.remove(info.id);
    await direct.flushall();
    const silent = { notify: async () => {} };
    const fresh = await copies.open(silent);
    await fresh.systems.add('bank', 2);
    assert.equal(fresh.keys.isKeyed('default'), false);
    await old.systems.add('park', 3);
    assert.equal(await namesOf(old), 'bank,default,park,shop');
    await fresh.systems.add('last', 4);
    await old.systems.add('last', 4);
    assert.equal(await contentOf(fresh), await contentOf(old));
    assert.deepEqual([fresh.keys.isKeyed('default'), fresh.keys.isKeyed('shop')], [true, true]);
  });

  test('who gave back less than another knew is told the rest, a key that was taken away above all', async (t) => {
    const { copies, direct } = await begin(t);
    const silent = { notify: async () => {} };
    const [behind, ahead, third] = [await copies.open(silent), await copies.open(silent), await copies.open(silent)];
    await behind.systems.add('shop', 1);
    const { info } = await behind.keys.rotate(shopKey, { now: true, createdAt: 1 });
    assert.equal(await ahead.keys.remove(info.id).then((removed) => removed?.id), info.id);
    await third.systems.add('late', 1);
    await direct.flushall();
    await behind.systems.add('bank', 2);
    assert.notEqual(behind.keys.find(info.id), undefined);
    await ahead.systems.add('park', 3);
    assert.equal(ahead.keys.find(info.id), undefined);
    await third.systems.add('last', 3);
    await behind.systems.add('last', 4);
    await ahead.systems.add('last', 4);
    assert.equal(behind.keys.find(info.id), undefined);
    assert.equal(await namesOf(behind), 'bank,default,last,late,park,shop');
    for (const stores of [ahead, third]) assert.equal(await contentOf(stores), await contentOf(behind));
  });

  test('Redis that came back with an older state is brought up to date', async (t) => {
    const { copies, direct } = await begin(t);
    const [a, b] = [await copies.open(), await copies.open()];
    await a.systems.add('shop', 1);
    const taken = await a.keys.rotate({ owner: 'operator', role: 'admin' }, { now: true, createdAt: 1 });
    const keys = await direct.keys('test:{store}:*');
    const older = await Promise.all(keys.map(async (key) => [key, await direct.dumpBuffer(key)] as const));
    const { info } = await a.keys.rotate(shopKey, { now: true, createdAt: 1 });
    await a.keys.remove(info.id);
    await b.keys.remove(taken.info.id);
    await direct.flushall();
    for (const [key, value] of older) if (value !== null) await direct.restore(key, 0, value);
    await b.systems.add('bank', 1);
    await a.systems.add('park', 1);
    assert.equal(await namesOf(a), 'bank,default,park,shop');
    assert.equal(await contentOf(b), await contentOf(a));
    const fresh = await copies.open();
    assert.deepEqual(await fresh.keys.list(), []);
    assert.deepEqual([fresh.keys.isKeyed('shop'), fresh.keys.find(info.id)], [true, undefined]);
  });

  test('several that open at once on an empty Redis begin one store', async (t) => {
    const { copies } = await begin(t);
    const all = await Promise.all(Array.from({ length: 6 }, () => copies.open()));
    assert.equal(new Set(all.map(({ position }) => position.epoch)).size, 1);
    await Promise.all(all.map(({ systems }) => systems.addAll(['a', 'b'], 1)));
    for (const stores of all) assert.equal(await namesOf(stores), 'a,b,default');
  });

  test('what a newer version wrote is refused, at the start and later', async (t) => {
    const { copies, direct } = await begin(t);
    const stores = await copies.open();
    await direct.hset('test:{store}:meta', 'schema', '2');
    await assert.rejects(copies.open(), (error) => {
      assert.ok(error instanceof StartError);
      assert.equal(error.exitCode, 78);
      assert.match(error.message, /schema 2, and this yunque knows 1/);
      return true;
    });
    await assert.rejects(stores.systems.add('shop', 1), /schema 2, and this yunque knows 1/);
    assert.equal(stores.systems.has('default'), true);
  });

  test('an empty Redis that others live behind is not begun anew, and one that nobody gives back is said to be so', async (t) => {
    const { copies } = await begin(t);
    let hasOthers = true;
    const opening = copies.open({ hasOthers: () => hasOthers });
    let isOpen = false;
    void opening.then(() => {
      isOpen = true;
    });
    await delay(300);
    assert.equal(isOpen, false);
    hasOthers = false;
    await opening;
  });

  test('a Redis Cluster does as well', async (t) => {
    const cluster = await startOneNodeCluster(t);
    const copies = new TestCopies(t, () => connectRedisCluster(t, [cluster.port]));
    const [first, second] = [await copies.open(), await copies.open()];
    await first.systems.add('shop', 1);
    await second.keys.rotate(shopKey, { now: true, createdAt: 1 });
    assert.equal(first.keys.isKeyed('shop'), true);
    assert.equal(await contentOf(await copies.open()), await contentOf(second));
  });

  test('scripts that Redis has forgotten are sent again, unnoticed', async (t) => {
    const { copies, direct } = await begin(t);
    const stores = await copies.open();
    await direct.script('FLUSH');
    assert.equal(await stores.systems.add('shop', 1), true);
  });
});
