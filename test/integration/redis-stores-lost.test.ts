import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { BanInfo, KeyGrant } from '../../src/api/keys.ts';
import { KeptCopy } from '../../src/store/redis/kept-copy.ts';
import type { RedisStoresOptions } from '../../src/store/redis/stores.ts';
import { StartError } from '../../src/util/start-error.ts';
import { eventually } from '../support/eventually.ts';
import { scratchDirectory } from '../support/leases.ts';
import { connectRedis } from '../support/redis-client.ts';
import { TestCopies } from '../support/redis-stores.ts';
import { startRedis } from '../support/services/redis.ts';

const defaultKey: KeyGrant = { owner: 'system', system: 'default', role: 'push' };
const silent: Partial<RedisStoresOptions> = { notify: async () => {} };
const tables = ['systems', 'keys', 'keyed', 'bans'].map((part) => `test:{store}:${part}`);

async function begin(t: TestContext) {
  const redis = await startRedis(t);
  const connect = () => connectRedis(t, redis.port);
  const folder = await scratchDirectory(t);
  const fileOf = (node: string) => join(folder, `${node}.json`);
  const keptBy = (node: string) => new KeptCopy({ file: fileOf(node) });
  return { redis, direct: connect(), copies: new TestCopies(t, connect), keptBy, fileOf };
}

const startError = (words: RegExp, exitCode: number) => (error: unknown) => {
  assert.ok(error instanceof StartError);
  assert.match(error.message, words);
  assert.ok(error.hint !== undefined);
  assert.equal(error.exitCode, exitCode);
  return true;
};

describe('Redis that lost systems, keys and bans', () => {
  test('is not begun anew by a newcomer before those who know have had the time to give back, also where Redis has forgotten that they live', async (t) => {
    const { copies, direct } = await begin(t);
    const old = await copies.open({ ...silent, pollMs: 700 });
    await old.keys.rotate(defaultKey, { now: true, createdAt: 1 });
    await direct.flushall();
    const waits: number[] = [];
    const newcomer = await copies.open({ settleMs: 5000, onWaiting: (ms) => waits.push(ms) });
    assert.equal(newcomer.keys.isKeyed('default'), true);
    assert.equal(newcomer.position.epoch, old.position.epoch);
    assert.deepEqual(waits, [5000]);
  });

  test('is given back what the last run of a node knew, also where all were down', async (t) => {
    const { copies, direct, keptBy, fileOf } = await begin(t);
    const first = await copies.open({ kept: keptBy('a') });
    const { info, key } = await first.keys.rotate(defaultKey, { now: true, createdAt: 1 });
    await first.systems.add('shop', 1);
    await first.bans.ban({ system: 'shop', uid: 'u', until: 9e12, reason: 'x' }, 1);
    await first.close();
    await direct.flushall();
    assert.equal((await stat(fileOf('a'))).mode & 0o777, 0o600);
    assert.ok(!(await readFile(fileOf('a'), 'utf8')).includes(key));
    const again = await copies.open({ kept: keptBy('a'), settleMs: 200 });
    assert.deepEqual([again.keys.isKeyed('default'), again.systems.has('shop')], [true, true]);
    const newcomer = await copies.open({ settleMs: 60_000 });
    assert.deepEqual(await newcomer.keys.find(info.id), await again.keys.find(info.id));
    assert.equal((await newcomer.bans.list(2)).length, 1);
  });

  test('keeps a key away that was taken away, although the first that is back knew it', async (t) => {
    const { copies, direct, keptBy } = await begin(t);
    const behind = await copies.open({ ...silent, kept: keptBy('behind') });
    const { info } = await behind.keys.rotate(defaultKey, { now: true, createdAt: 1 });
    await behind.close();
    const ahead = await copies.open({ ...silent, kept: keptBy('ahead') });
    await ahead.keys.remove(info.id);
    await ahead.close();
    await direct.flushall();
    const first = await copies.open({ ...silent, kept: keptBy('behind') });
    assert.notEqual(first.keys.find(info.id), undefined);
    const second = await copies.open({ ...silent, kept: keptBy('ahead') });
    await first.systems.add('shop', 1);
    for (const { keys } of [first, second]) {
      assert.deepEqual([keys.find(info.id), keys.isKeyed('default')], [undefined, true]);
    }
  });

  test('a file that is behind learns from Redis, and undoes nothing', async (t) => {
    const { copies, keptBy } = await begin(t);
    const away = await copies.open({ ...silent, kept: keptBy('away') });
    const { info } = await away.keys.rotate(defaultKey, { now: true, createdAt: 1 });
    await away.systems.add('gone', 1);
    await away.close();
    const other = await copies.open(silent);
    await other.keys.remove(info.id);
    await other.systems.remove('gone');
    const back = await copies.open({ ...silent, kept: keptBy('away') });
    assert.deepEqual([back.keys.find(info.id), back.systems.has('gone')], [undefined, false]);
    assert.deepEqual(back.position, other.position);
  });

  test('a damaged file is set aside where Redis has everything, and refused where it was all there is', async (t) => {
    const { copies, direct, fileOf } = await begin(t);
    const file = fileOf('a');
    const aside: string[] = [];
    const kept = () => new KeptCopy({ file, onSetAside: (path) => aside.push(path) });
    const first = await copies.open({ kept: kept() });
    await first.keys.rotate(defaultKey, { now: true, createdAt: 1 });
    await first.close();
    const whole = await readFile(file, 'utf8');
    for (const damaged of [whole.replace('default', 'defaulT'), whole.slice(0, -20), '', 'x\ny']) {
      await writeFile(file, damaged);
      const again = await copies.open({ kept: kept() });
      assert.equal(again.keys.isKeyed('default'), true);
      await again.close();
      assert.equal(aside.pop(), `${file}.damaged`);
      assert.equal(await readFile(`${file}.damaged`, 'utf8'), damaged);
      assert.match(await readFile(file, 'utf8'), /"schema":1/);
    }
    await writeFile(file, whole.slice(0, -20));
    await direct.flushall();
    await assert.rejects(copies.open({ kept: kept() }), startError(/which knew them, is damaged/, 1));
    await writeFile(file, whole.replace('"schema":1', '"schema":2'));
    await assert.rejects(copies.open({ kept: kept() }), startError(/newer yunque \(schema 2, this one knows 1\)/, 78));
  });

  for (const lost of [['keyed', 'keys'], ['meta'], ['bans'], ['systems', 'log']]) {
    test(`in part (${lost.join(', ')}) is given it back by one who lives, and no newcomer takes what is left for all`, async (t) => {
      const { copies, direct } = await begin(t);
      const old = await copies.open({ ...silent, pollMs: 600 });
      await old.keys.rotate(defaultKey, { now: true, createdAt: 1 });
      await old.bans.ban({ system: 'default', uid: 'u', until: 9e12, reason: '' }, 1);
      await direct.del(...lost.map((part) => `test:{store}:${part}`));
      const newcomer = await copies.open({ settleMs: 5000 });
      assert.equal(newcomer.keys.isKeyed('default'), true);
      assert.equal((await newcomer.keys.list()).length, 1);
      assert.equal((await newcomer.bans.list(2)).length, 1);
      assert.deepEqual(newcomer.position, old.position);
      assert.deepEqual(await Promise.all(tables.map((table) => direct.hlen(table))), [1, 1, 1, 1]);
    });
  }

  test('in part is given it back by a node that starts and was the last to know, and by the next write of one that runs', async (t) => {
    const { copies, direct, keptBy } = await begin(t);
    const old = await copies.open({ kept: keptBy('a') });
    await old.keys.rotate(defaultKey, { now: true, createdAt: 1 });
    await direct.del('test:{store}:keyed');
    await old.systems.add('shop', 1);
    assert.equal(await direct.hlen('test:{store}:keyed'), 1);
    await old.close();
    await direct.del('test:{store}:keyed');
    const again = await copies.open({ kept: keptBy('a'), settleMs: 60_000 });
    assert.equal(again.keys.isKeyed('default'), true);
    assert.equal(await direct.hlen('test:{store}:keyed'), 1);
  });

  test('in part, with nobody who knows, keeps a node from starting, and the message says how to go on', async (t) => {
    const { copies, direct } = await begin(t);
    const old = await copies.open();
    await old.keys.rotate(defaultKey, { now: true, createdAt: 1 });
    await old.close();
    await direct.del('test:{store}:keyed');
    await assert.rejects(copies.open({ settleMs: 300 }), (error) => {
      startError(/are not whole/, 1)(error);
      assert.match((error as StartError).hint ?? '', /delete test:\{store\}:\*/);
      return true;
    });
    await direct.del(...(await direct.keys('test:{store}:*')));
    assert.equal((await copies.open({ settleMs: 300 })).systems.has('default'), true);
  });
});

describe('What others have done', () => {
  test('bans and removals are told, those that were found out late as such', async (t) => {
    const { copies } = await begin(t);
    const writer = await copies.open();
    await writer.systems.addAll(['shop', 'bank'], 1);
    const told: (readonly [string, boolean])[] = [];
    const other = await copies.open({ pollMs: 3_600_000 });
    other.onLearnt({
      onSystemRemoved: (system, isTold) => told.push([`removed ${system}`, isTold]),
      onBanned: (bans, isTold) => told.push([`banned ${bans.map(({ uid }) => uid).join()}`, isTold]),
    });
    const ban = (uid: string): BanInfo => ({ system: 'default', uid, until: 9e12, reason: '' });
    await writer.bans.ban(ban('a'), 1);
    await writer.systems.remove('shop');
    copies.all.splice(copies.all.indexOf(other), 1);
    await writer.bans.ban(ban('b'), 1);
    await writer.systems.remove('bank');
    await other.bans.ban(ban('own'), 1);
    for (let n = 0; n < 1100; n += 1) await writer.bans.ban(ban('far'), n);
    await other.systems.add('last', 1);
    assert.deepEqual(told, [
      ['banned a', true],
      ['removed shop', true],
      ['banned b', false],
      ['removed bank', false],
      ['banned far', false],
    ]);
  });

  test('a write while the file cannot be written is done, said to be kept nowhere, and kept as soon as it can be', async (t) => {
    const { copies, fileOf } = await begin(t);
    const failures: (string | undefined)[] = [];
    const kept = new KeptCopy({ file: join(fileOf('a'), 'none'), onFailure: (failure) => failures.push(failure) });
    const stores = await copies.open({ kept });
    await stores.systems.add('shop', 1);
    await eventually('it is said', () => failures.length === 1);
    assert.match(failures[0] ?? '', /ENOENT/);
  });
});
