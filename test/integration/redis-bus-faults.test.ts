import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { redisOptionsOfUrl } from '../../src/backends/redis-options.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { type HeardBus, newChannel, startBus } from '../support/redis-buses.ts';
import { startRedis } from '../support/services/redis.ts';

const timeoutMs = 500;

/** A Redis, two buses on it through a wire of their own, and a third that is not on the wire. */
async function startBuses(t: TestContext, args: readonly string[] = []) {
  const redis = await startRedis(t, { args });
  const proxy = await startFaultProxy(t, redis);
  const channel = newChannel();
  const over = (port: number) => ({ redis: redisOptionsOfUrl(`redis://127.0.0.1:${port}`, timeoutMs), channel });
  const [one, other] = [await startBus(t, over(proxy.port)), await startBus(t, over(proxy.port))];
  const direct = await startBus(t, over(redis.port));
  return { redis, proxy, one, other, direct };
}

async function works(from: HeardBus, to: HeardBus, text: string): Promise<void> {
  await eventually('both work', () => from.bus.failure === undefined && to.bus.failure === undefined, 10_000);
  await from.bus.broadcast(Buffer.from(text));
  await eventually(`${text} is heard`, () => to.heard.includes(text));
}

function command(t: TestContext, port: number): Redis {
  const client = new Redis(port, '127.0.0.1');
  t.after(() => client.disconnect());
  return client;
}

test('Redis that is killed and comes back empty: broadcasts reject at once, fewer than 5 attempts a second, heard again within 5 s', async (t) => {
  const { redis, one, other } = await startBuses(t);
  await works(one, other, 'before');
  await redis.stop();
  await eventually('both have noticed', () => [one, other].every(({ bus }) => bus.failure !== undefined));
  const before = performance.now();
  await assert.rejects(one.bus.broadcast(Buffer.from('lost')), /Redis at 127\.0\.0\.1:\d+: \S/);
  assert.ok(performance.now() - before < 100);
  const [attempts] = [one.bus.figures()['attempts'] ?? 0];
  await delay(3000);
  const tried = (one.bus.figures()['attempts'] ?? 0) - attempts;
  // Two connections.
  assert.ok(tried > 0 && tried < 2 * 5 * 3, `${tried} attempts`);
  await redis.start({ keepData: false });
  const since = performance.now();
  await works(one, other, 'after');
  assert.ok(performance.now() - since < 5000);
  assert.equal(one.bus.figures()['outages'], 2);
  assert.deepEqual(other.heard, ['before', 'after']);
});

test('Redis that hangs: a broadcast rejects within the timeout, the failure says so, and it goes on where it stopped', async (t) => {
  const { redis, one, other } = await startBuses(t);
  redis.kill('SIGSTOP');
  const before = performance.now();
  await assert.rejects(one.bus.broadcast(Buffer.from('lost')), /timed out/i);
  assert.ok(performance.now() - before < 3 * timeoutMs);
  await eventually('both have noticed', () => [one, other].every(({ bus }) => bus.failure !== undefined), 10_000);
  assert.match(one.bus.failure ?? '', /timed out|no answer|Socket timeout/i);
  redis.kill('SIGCONT');
  await works(one, other, 'after');
});

for (const direction of ['both', 'requests', 'replies'] as const) {
  test(`a wire that swallows ${direction} is noticed within 10 s, by publisher and subscriber, and left`, async (t) => {
    const { proxy, one, other, direct } = await startBuses(t);
    await works(one, direct, 'before');
    const since = performance.now();
    proxy.blackhole(direction);
    await eventually('both have noticed', () => [one, other].every(({ bus }) => bus.failure !== undefined), 10_000);
    assert.ok(performance.now() - since < 10_000);
    await eventually('publisher and subscriber', () => (other.bus.figures()['outages'] ?? 0) === 2, 10_000);
    assert.equal(direct.bus.failure, undefined);
    await proxy.pass();
    await works(direct, other, 'after');
    await works(one, direct, 'and back');
    assert.equal(direct.bus.figures()['outages'], 0);
  });
}

test('a wire that is cut is mended within a second, and what was said meanwhile is missed once', async (t) => {
  const { proxy, one, other, direct } = await startBuses(t);
  const since = performance.now();
  proxy.cut();
  await eventually('noticed', () => other.bus.failure !== undefined);
  await direct.bus.broadcast(Buffer.from('missed'));
  await works(one, other, 'after');
  assert.ok(performance.now() - since < 2000);
  assert.deepEqual([other.heard, direct.heard], [['after'], ['missed', 'after']]);
});

test('CLIENT KILL TYPE pubsub: subscribed again, and publishing went on', async (t) => {
  const { redis, one, other } = await startBuses(t);
  await command(t, redis.port).call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await eventually('both have noticed', () => [one, other].every(({ bus }) => bus.figures()['outages'] === 1));
  await works(one, other, 'after');
  assert.deepEqual([one.bus.figures()['outages'], one.bus.figures()['attempts']], [1, 3]);
});

test('a subscription on a server that gets nothing of what is published is found out, and made anew', async (t) => {
  const [here, elsewhere] = [await startRedis(t), await startRedis(t)];
  let connections = 0;
  const wire = createServer((client) => {
    const { port } = connections++ % 2 === 0 ? here : elsewhere;
    const server = connect(port, '127.0.0.1');
    for (const socket of [client, server]) socket.on('error', () => {});
    client.pipe(server).pipe(client);
    client.on('close', () => server.destroy());
  });
  await once(wire.listen(0, '127.0.0.1'), 'listening');
  t.after(() => void wire.close());
  const { port } = wire.address() as AddressInfo;
  const redis = redisOptionsOfUrl(`redis://127.0.0.1:${port}`, timeoutMs);
  const { bus, heard } = await startBus(t, { redis, channel: newChannel() });
  assert.equal(bus.failure, undefined);
  await bus.broadcast(Buffer.from('into the void'));
  const failures: (string | undefined)[] = [];
  bus.onState((failure) => failures.push(failure));
  await eventually('it was found out', () => failures.some((failure) => failure?.includes('is not heard by it')));
  await eventually('it works', () => bus.failure === undefined);
  await bus.broadcast(Buffer.from('heard'));
  await eventually('it is heard', () => heard.length > 0);
  assert.deepEqual(heard, ['heard']);
  assert.ok((bus.figures()['echoes_missed'] ?? 0) >= 2);
});

test('a subscriber that is too slow is dropped by Redis, subscribes again, and hears what comes then', async (t) => {
  const limits = ['--client-output-buffer-limit', 'pubsub', '2mb', '1mb', '1'];
  const { proxy, other, direct } = await startBuses(t, limits);
  proxy.slow({ bytesPerSecond: 20_000 });
  for (let n = 0; n < 24; n += 1) await direct.bus.broadcast(Buffer.alloc(512 * 1024, 7));
  await eventually('it was dropped', () => (other.bus.figures()['outages'] ?? 0) > 0, 20_000);
  await proxy.pass();
  await works(direct, other, 'after');
  assert.ok(other.heard.length < direct.heard.length);
  assert.equal(direct.bus.figures()['outages'], 0);
});

test('what waits for Redis is bounded: more is refused, and taken again once there is room', async (t) => {
  const redis = await startRedis(t);
  const options = { redis: redisOptionsOfUrl(redis.url, timeoutMs), channel: newChannel(), maxUnconfirmedBytes: 1000 };
  const { bus } = await startBus(t, options);
  const first = bus.broadcast(Buffer.alloc(1000));
  await assert.rejects(bus.broadcast(Buffer.alloc(1)), /1000 bytes wait for Redis already/);
  await first;
  await bus.broadcast(Buffer.alloc(1000));
  assert.equal(bus.figures()['unconfirmed_bytes'], 0);
});

test('a bus that is started while Redis is away starts nonetheless, and works when it comes', async (t) => {
  const redis = await startRedis(t);
  await redis.stop();
  const { bus, heard } = await startBus(t, { redis: redisOptionsOfUrl(redis.url, timeoutMs), channel: newChannel() });
  assert.match(bus.failure ?? '', /ECONNREFUSED/);
  await redis.start();
  await eventually('it works', () => bus.failure === undefined, 10_000);
  await bus.broadcast(Buffer.from('hello'));
  await eventually('it is heard', () => heard.length === 1);
});

test('what a stranger publishes on the channel is counted and passed over', async (t) => {
  const redis = await startRedis(t);
  const channel = newChannel();
  const { bus, heard } = await startBus(t, { redis: redisOptionsOfUrl(redis.url, timeoutMs), channel });
  const stranger = command(t, redis.port);
  for (const bytes of ['', '\x02nothing of ours', '\x01\x00\x00\x00\xff']) await stranger.publish(channel, bytes);
  await bus.broadcast(Buffer.from('ours'));
  await eventually('it is heard', () => heard.length > 0);
  assert.deepEqual([heard, bus.figures()['malformed']], [['ours'], 3]);
});
