import assert from 'node:assert/strict';
import dns from 'node:dns';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type OpenRedisOptions, openRedis } from '../../src/backends/redis.ts';
import { type RedisOptions, redisOptionsOfUrl } from '../../src/backends/redis-options.ts';
import { defineScript } from '../../src/backends/redis-script.ts';
import { createAuthority } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startRedisCluster, startSentinelGroup } from '../support/redis-groups.ts';
import { startRedis } from '../support/services/redis.ts';

const timeoutMs = 500;

async function open(t: TestContext, options: string | OpenRedisOptions) {
  const link = await openRedis(typeof options === 'string' ? redisOptionsOfUrl(options, timeoutMs) : options);
  t.after(() => link.close());
  return link;
}

function operator(t: TestContext, port: number, password?: string): Redis {
  const client = new Redis(port, '127.0.0.1', { ...(password !== undefined && { password }) });
  t.after(() => client.disconnect());
  return client;
}

test('a client goes through its states: connecting, ready, failing with the reason, ready again, closed', async (t) => {
  const redis = await startRedis(t);
  const link = await open(t, redis.url);
  assert.deepEqual([link.state, link.attempts], ['connecting', 1]);
  const states: string[] = [];
  link.onState((state) => states.push(state));
  await link.client.set('a', '1');
  await link.settled();
  await redis.stop();
  await eventually('it has noticed', () => link.state === 'failing');
  await eventually('the reason is that of the last attempt', () => /ECONNREFUSED/.test(link.failure ?? ''));
  const before = performance.now();
  const error = await link.client.get('a').then(
    () => new Error('answered'),
    (reason: Error) => reason,
  );
  assert.ok(performance.now() - before < 250);
  assert.match(link.reasonOf(error), /ECONNREFUSED/);
  await redis.start();
  await eventually('it is back', () => link.state === 'ready');
  assert.equal(await link.client.get('a'), null);
  await link.close();
  await link.close();
  await assert.rejects(link.client.get('a'));
  assert.deepEqual([states[0], states.at(-2), states.at(-1), link.outages], ['ready', 'ready', 'closed', 1]);
});

test('in no second are there five attempts while Redis is away', async (t) => {
  const redis = await startRedis(t);
  const link = await open(t, redis.url);
  await link.settled();
  const attempts: number[] = [];
  let seen = link.attempts;
  await redis.stop();
  for (const end = performance.now() + 4000; performance.now() < end; await delay(5)) {
    for (; seen < link.attempts; seen += 1) attempts.push(performance.now());
  }
  const inOneSecond = attempts.map((from) => attempts.filter((at) => at >= from && at < from + 1000).length);
  assert.ok(attempts.length >= 3 && Math.max(...inOneSecond) < 5, attempts.join(' '));
});

test('a command whose reply is lost rejects and is carried out once', async (t) => {
  const redis = await startRedis(t);
  const proxy = await startFaultProxy(t, redis);
  const link = await open(t, `redis://127.0.0.1:${proxy.port}`);
  await link.client.set('count', 0);
  proxy.dropReplies();
  const before = performance.now();
  await assert.rejects(link.client.incr('count'));
  assert.ok(performance.now() - before < 3 * timeoutMs);
  await eventually('it is given up', () => link.state === 'failing', 10_000);
  await proxy.pass();
  await eventually('it is back', () => link.state === 'ready', 10_000);
  assert.equal(await link.client.get('count'), '1');
});

test('READONLY ends the connection: a primary that has become a replica is left, with the reason, until it is one again', async (t) => {
  const redis = await startRedis(t);
  const [writing, reading] = [
    await open(t, redis.url),
    await open(t, { ...redisOptionsOfUrl(redis.url, timeoutMs), use: 'reading' }),
  ];
  await Promise.all([writing.client.set('a', '1'), reading.client.get('a')]);
  const admin = operator(t, redis.port);
  await admin.replicaof('127.0.0.1', 1);
  await assert.rejects(writing.client.set('a', '2'), /READONLY/);
  await eventually('it is left', () => /^READONLY/.test(writing.failure ?? ''));
  assert.equal(await reading.client.get('a'), '1');
  await admin.replicaof('NO', 'ONE');
  await eventually('it writes again', () => writing.state === 'ready');
  assert.deepEqual([await writing.client.set('a', '3'), writing.outages, reading.outages], ['OK', 1, 0]);
});

test('Redis that loads its data is not ready, and says so', async (t) => {
  const redis = await startRedis(t, { persistent: true, args: ['--key-load-delay', '400'] });
  const link = await open(t, redis.url);
  const fill = link.client.pipeline();
  for (let n = 0; n < 5000; n += 1) fill.set(`key ${n}`, 'x');
  await fill.exec();
  await redis.stop();
  const reasons = new Set<string>();
  link.onState((_state, failure) => void (failure !== undefined && reasons.add(failure)));
  await redis.start();
  await eventually('it is ready', () => link.state === 'ready', 20_000);
  assert.ok([...reasons].some((reason) => reason.startsWith('LOADING')));
  assert.equal(await link.client.dbsize(), 5000);
});

test('a wrong password is said, and not what it is; with the right one it goes on', async (t) => {
  const redis = await startRedis(t, { password: 'right' });
  const link = await open(t, redis.url.replace('right', 'wrong-secret'));
  await eventually('it is refused', () => /WRONGPASS/.test(link.failure ?? ''));
  assert.ok(!link.failure?.includes('wrong-secret'));
  await assert.rejects(link.client.get('a'), (error: Error) => /WRONGPASS/.test(link.reasonOf(error)));
  await operator(t, redis.port, 'right').config('SET', 'requirepass', 'wrong-secret');
  await eventually('it is let in', () => link.state === 'ready');
});

test('no password where one is needed is said', async (t) => {
  const redis = await startRedis(t, { password: 'right' });
  const link = await open(t, `redis://127.0.0.1:${redis.port}`);
  await eventually('it is refused', () => /NOAUTH/.test(link.failure ?? ''));
});

test('a user who may do nothing but what is needed keeps its connection', async (t) => {
  const redis = await startRedis(t, { users: ['reader on >secret ~* +get'] });
  const options = redisOptionsOfUrl(`redis://reader:secret@127.0.0.1:${redis.port}`, timeoutMs);
  const link = await open(t, { ...options, use: 'reading' });
  assert.equal(await link.client.get('a'), null);
  const admin = operator(t, redis.port);
  await eventually('it was probed', async () => /object,ping,/.test(String(await admin.acl('LOG'))));
  await delay(100);
  assert.deepEqual([link.state, link.outages], ['ready', 0]);
});

test('TLS: user and password of an ACL, an authority of one’s own, a certificate of the client; a stranger’s is refused', async (t) => {
  await using authority = await createAuthority();
  await using stranger = await createAuthority();
  const [server, client] = [await authority.issue('server'), await authority.issue('client')];
  const redis = await startRedis(t, {
    tls: { ...server, ca: authority.file },
    users: ['bob on >se:cr@t ~* &* +@all'],
    args: ['--tls-auth-clients', 'yes'],
  });
  const files = { cert: await readFile(client.cert), key: await readFile(client.key) };
  const options = (ca: Buffer): RedisOptions => ({
    ...redisOptionsOfUrl(`rediss://bob:${encodeURIComponent('se:cr@t')}@localhost:${redis.port}/3`, timeoutMs),
    tls: { ...files, ca },
  });
  const link = await open(t, options(await readFile(authority.file)));
  assert.equal(await link.client.acl('WHOAMI'), 'bob');
  assert.match(String(await link.client.client('INFO')), / db=3 /);
  const wary = await open(t, options(await readFile(stranger.file)));
  await eventually('it is refused', () => /certificate|signature/i.test(wary.failure ?? ''));
});

test('names are resolved anew at each attempt', async (t) => {
  const redis = await startRedis(t);
  const { lookup } = dns;
  let address = '127.0.0.2';
  t.mock.method(dns, 'lookup', ((name: string, options: dns.LookupAllOptions, done: (...args: unknown[]) => void) => {
    if (name !== 'redis.invalid') return lookup(name, options, done);
    const found = { address, family: 4 };
    return options.all ? done(null, [found]) : done(null, address, 4);
  }) as unknown as typeof lookup);
  const link = await open(t, `redis://redis.invalid:${redis.port}`);
  await eventually('nobody is there', () => /ECONNREFUSED 127\.0\.0\.2/.test(link.failure ?? ''));
  address = '127.0.0.1';
  await eventually('it has moved', () => link.state === 'ready');
});

test('a server that has forgotten a script is given it again, and nobody notices', async (t) => {
  const redis = await startRedis(t);
  const link = await open(t, redis.url);
  const run = defineScript(link.client, { name: 'yunqueTest', lua: 'return ARGV[1] .. KEYS[1]', keys: ['{a}b'] });
  assert.equal(await run('x'), 'x{a}b');
  await operator(t, redis.port).script('FLUSH');
  assert.equal(await run('y'), 'y{a}b');
  await redis.stop();
  await redis.start();
  await eventually('it is back', () => link.state === 'ready');
  assert.equal(await run('z'), 'z{a}b');
});

test('a client behind Sentinels writes to the new primary, and not to the old one that has come back', async (t) => {
  const { primary, replica, sentinelPort, name } = await startSentinelGroup(t);
  const sentinels = [1, sentinelPort].map((port) => ({ host: '127.0.0.1', port }));
  const link = await open(t, { servers: { kind: 'sentinel', name, sentinels }, timeoutMs });
  await link.client.set('a', '1');
  await primary.stop();
  await eventually('it is lost', () => link.state === 'failing');
  await eventually('it follows', () => link.state === 'ready', 20_000);
  await primary.start();
  await link.client.set('a', '2');
  assert.equal(await operator(t, replica.port).get('a'), '2');
  assert.ok(link.attempts > 1);
});

test('a client of a Redis Cluster runs scripts and commands wherever the key is, and goes on when a primary has been replaced', async (t) => {
  const nodes = await startRedisCluster(t);
  const seeds = nodes.map(({ host, port }) => ({ host, port }));
  const link = await open(t, { servers: { kind: 'cluster', nodes: seeds.slice(1, 3) }, timeoutMs });
  const keys = Array.from({ length: 30 }, (_, n) => `key ${n}`);
  const scripts = keys.map((key, n) =>
    defineScript(link.client, {
      name: `yunqueTest${n}`,
      lua: "return redis.call('SET', KEYS[1], ARGV[1])",
      keys: [key],
    }),
  );
  for (const run of scripts) assert.equal(await run('1'), 'OK');
  await nodes[0]?.stop();
  const goesOn = async (n: number): Promise<boolean> =>
    (await scripts[n]?.('2').then(
      (answer) => answer === 'OK',
      () => false,
    )) ?? false;
  for (const n of keys.keys()) await eventually(`key ${n} is written`, () => goesOn(n), 20_000);
  for (const key of keys) assert.equal(await link.client.get(key), '2');
  assert.equal(link.state, 'ready');
});

test('a Redis Cluster that is gone altogether is found again', async (t) => {
  const own = await startRedisCluster(t);
  const seeds = own.map(({ host, port }) => ({ host, port }));
  const link = await open(t, { servers: { kind: 'cluster', nodes: seeds.slice(0, 2) }, timeoutMs });
  await link.client.set('a', '1');
  await Promise.all(own.map((node) => node.stop()));
  await eventually('it is lost', () => link.state === 'failing', 10_000);
  assert.ok((link.failure ?? '').length > 0);
  await Promise.all(own.map((node) => node.start()));
  await eventually('it is back', () => link.state === 'ready', 20_000);
  await eventually('and writes', () =>
    link.client.set('a', '2').then(
      () => true,
      () => false,
    ),
  );
});
