import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { redisOptionsOfUrl } from '../../src/backends/redis-options.ts';
import type { Sink, SinkRecord } from '../../src/egress/sink.ts';
import { createChannelSink } from '../../src/egress/sinks/channel.ts';
import { createStreamSink } from '../../src/egress/sinks/stream.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { connectRedis, connectRedisCluster, startOneNodeCluster } from '../support/redis-client.ts';
import { startRedis } from '../support/services/redis.ts';
import { sharedService } from '../support/services/shared.ts';
import { type Arrived, testSink } from '../support/sink-suite.ts';

const { url, prefix } = await sharedService({ after }, 'redis');
const port = Number(new URL(url).port);
const client = connectRedis({ after }, port);
let made = 0;
const fresh = () => `${prefix}:${++made}`;
const on = (at: number, timeoutMs = 1000) => redisOptionsOfUrl(`redis://127.0.0.1:${at}`, timeoutMs);
const one = { key: 'u1', id: 'a', body: '{"n":1}' };

async function entriesOf(stream: string): Promise<Arrived[]> {
  return (await client.xrange(stream, '-', '+')).map(([, fields]) => {
    const names = fields.filter((_, at) => at % 2 === 0);
    assert.deepEqual(names, ['id', 'key', 'data']);
    return { id: String(fields[1]), key: String(fields[3]), body: String(fields[5]) };
  });
}

testSink('of a Redis Stream', async (t) => {
  const stream = fresh();
  const proxy = await startFaultProxy(t, { port });
  t.after(() => client.del(stream));
  return {
    open: () => createStreamSink({ redis: on(proxy.port), stream }),
    arrived: () => entriesOf(stream),
    goAway: () => proxy.refuse(),
    comeBack: () => proxy.pass(),
  };
});

/** What is published has no more than its body: whose it was is remembered. */
function remembering(sink: Sink, idOf: Map<string, string>): Sink {
  return {
    kind: sink.kind,
    get status() {
      return sink.status;
    },
    send: (records: readonly SinkRecord[]) => {
      for (const { body, id } of records) idOf.set(body, id);
      return sink.send(records);
    },
    close: () => sink.close(),
    onState: (listener) => sink.onState(listener),
  };
}

testSink('of a Redis channel', async (t) => {
  const channel = fresh();
  const proxy = await startFaultProxy(t, { port });
  const [listener, idOf] = [connectRedis(t, port), new Map<string, string>()];
  const heard: string[] = [];
  listener.on('message', (_channel, body) => heard.push(body));
  await listener.subscribe(channel);
  return {
    open: () => remembering(createChannelSink({ redis: on(proxy.port), channel }), idOf),
    arrived: () => heard.map((body) => ({ id: idOf.get(body) ?? '', body })),
    goAway: () => proxy.refuse(),
    comeBack: () => proxy.pass(),
  };
});

test('a stream keeps about as many entries as it may, the newest', async (t) => {
  const stream = fresh();
  const sink = createStreamSink({ redis: on(port), stream, maxLength: 100 });
  t.after(() => sink.close());
  const records = Array.from({ length: 1000 }, (_, at) => ({ key: 'u1', id: String(at), body: '{}' }));
  await sink.send(records);
  const entries = await entriesOf(stream);
  assert.ok(entries.length >= 100 && entries.length < 300, `${entries.length} entries`);
  assert.equal(entries.at(-1)?.id, '999');
  await client.del(stream);
});

test('what Redis refuses is refused whole, with its words; nothing of it arrives', async (t) => {
  const [stream, list] = [fresh(), fresh()];
  await client.lpush(list, 'x');
  const sink = createStreamSink({ redis: on(port), stream: list });
  t.after(() => sink.close());
  await assert.rejects(sink.send([one, one]), /Redis at 127\.0\.0\.1:\d+: WRONGTYPE/);
  const full = await startRedis(t, { args: ['--maxmemory', '1'] });
  const toFull = createStreamSink({ redis: on(full.port), stream });
  t.after(() => toFull.close());
  await assert.rejects(toFull.send([one]), /OOM/);
  assert.equal(toFull.status.state, 'ready');
  await client.del(list);
});

for (const direction of ['both', 'replies'] as const) {
  test(`on a wire that swallows ${direction} \`send\` rejects within its timeout, and a cut one heals`, async (t: TestContext) => {
    const [stream, proxy] = [fresh(), await startFaultProxy(t, { port })];
    const sink = createStreamSink({ redis: on(proxy.port, 300), stream });
    t.after(() => sink.close());
    await sink.send([one]);
    proxy.blackhole(direction);
    const since = performance.now();
    await assert.rejects(sink.send([one, one]), /Redis at .*: \S/);
    assert.ok(performance.now() - since < 2000);
    await proxy.pass();
    proxy.cut();
    const isSent = () =>
      sink
        .send([{ ...one, id: 'last' }])
        .then(() => true)
        .catch(() => false);
    await eventually('it heals', isSent);
    assert.equal((await entriesOf(stream)).at(-1)?.id, 'last');
    await client.del(stream);
  });
}

test('both kinds work in a Redis Cluster', async (t) => {
  const node = await startOneNodeCluster(t);
  const redis = {
    servers: { kind: 'cluster', nodes: [{ host: '127.0.0.1', port: node.port }] },
    timeoutMs: 1000,
  } as const;
  const [listener, reader] = [connectRedis(t, node.port), connectRedisCluster(t, [node.port])];
  const heard: string[] = [];
  listener.on('message', (_channel, body) => heard.push(body));
  await listener.subscribe('news');
  const sinks = [createStreamSink({ redis, stream: 'out' }), createChannelSink({ redis, channel: 'news' })];
  for (const sink of sinks) {
    t.after(() => sink.close());
    await sink.send([one, { ...one, body: '{"n":2}' }]);
  }
  assert.equal(await reader.xlen('out'), 2);
  await eventually('both are heard', () => heard.length === 2);
  assert.deepEqual(heard, ['{"n":1}', '{"n":2}']);
});
