import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { connectRedisCluster, startOneNodeCluster } from '../support/redis-client.ts';
import { sharedService } from '../support/services/shared.ts';
import { numbers, startSourceChild } from '../support/source-probe.ts';
import { openStreamPlace } from '../support/stream-place.ts';

const { url, prefix } = await sharedService({ after }, 'redis');
const port = Number(new URL(url).port);
let made = 0;

function openPlace(t: TestContext) {
  made += 1;
  const stream = `${prefix}:${made}`;
  const place = openStreamPlace(t, port, stream);
  return { stream, ...place };
}

type Probe = ReturnType<ReturnType<typeof openPlace>['read']>;
const isIn = (state: string, { source }: Probe) => eventually(`it is ${state}`, () => source.status.state === state);
const hasTaken = (probe: Probe, text: string) => eventually(`${text} is taken`, () => probe.taken.includes(text));

test('a reader that is killed is followed by another, which takes over all that is pending, in order', async (t) => {
  const place = openPlace(t);
  const { warn: _, ...options } = place.optionsOver(port);
  const child = startSourceChild(t, 'stream', { ...options });
  await eventually('it reads', () => child.states.includes('reading'), 20_000);
  const probe = place.read();
  await isIn('standby', probe);
  const sent = numbers(20_000);
  const adding = place.add(sent);
  await eventually('it is in the middle', () => child.taken.length > 2000, 20_000);
  await child.kill();
  const since = performance.now();
  await adding;
  await isIn('reading', probe);
  t.diagnostic(`taken over after ${Math.round(performance.now() - since)} ms`);
  await hasTaken(probe, '19999');
  assert.equal(probe.figure('gaps'), 0);
  const first = Number(probe.taken[0]);
  assert.deepEqual(probe.taken, numbers(20_000 - first, first), 'in order, none left out');
  assert.deepEqual(child.taken, numbers(child.taken.length));
  assert.ok(first <= child.taken.length, 'none between the two');
  assert.ok(child.taken.length - first <= 1024, 'no more than two batches come again');
  await eventually('nothing is pending', async () => (await place.pending()) === 0);
});

test('a reader that stands still is followed by another, and hands on nothing more when it goes on', async (t) => {
  const place = openPlace(t);
  const { warn: _, ...options } = place.optionsOver(port);
  // One is under way and one more is read when it is stopped.
  const child = startSourceChild(t, 'stream', { ...options, maxBatchRecords: 1, pauseMs: 300 });
  await eventually('it reads', () => child.states.includes('reading'), 20_000);
  const probe = place.read();
  await isIn('standby', probe);
  await place.add(numbers(10));
  await eventually('it has taken one', () => child.taken.length === 1);
  child.process.kill('SIGSTOP');
  await hasTaken(probe, '9');
  child.process.kill('SIGCONT');
  await place.add(numbers(10, 10));
  await hasTaken(probe, '19');
  assert.deepEqual(probe.taken, numbers(20));
  assert.deepEqual(child.taken, ['0']);
  await eventually('nothing is pending', async () => (await place.pending()) === 0);
});

test('who has lost the lease to another stops, and reads again when that one has gone', async (t) => {
  const place = openPlace(t);
  const probe = place.read();
  await isIn('reading', probe);
  await place.client.set(place.leaseKey, 'another');
  await isIn('standby', probe);
  await place.add(['meanwhile']);
  assert.deepEqual(probe.taken, []);
  await place.client.del(place.leaseKey);
  await hasTaken(probe, 'meanwhile');
  assert.equal(probe.source.status.state, 'reading');
});

test('who has lost the lease does not go on trying to hand on what it has', async (t) => {
  const place = openPlace(t);
  let isRefused = true;
  const probe = place.read({ leaseMs: 500 }, () => {
    if (isRefused) throw new Error('not now');
  });
  await isIn('reading', probe);
  await place.add(['one']);
  await eventually('it is given', async () => (await place.pending()) === 1);
  await place.client.set(place.leaseKey, 'another');
  await isIn('standby', probe);
  isRefused = false;
  await place.client.del(place.leaseKey);
  await hasTaken(probe, 'one');
  assert.deepEqual(probe.taken, ['one']);
});

test('a reader that is closed is followed at once', async (t) => {
  const place = openPlace(t);
  const one = place.read({ leaseMs: 60_000 });
  await isIn('reading', one);
  const other = place.read({ leaseMs: 60_000 });
  await isIn('standby', other);
  await one.source.close();
  await isIn('reading', other);
});

test('what others were given and did not acknowledge comes first, in order, and then what is new', async (t) => {
  const place = openPlace(t);
  const { client, stream } = place;
  await place.add(numbers(1500));
  await client.xgroup('CREATE', stream, 'yunque', '0');
  for (const name of ['x', 'y', 'x']) {
    await client.xreadgroup('GROUP', 'yunque', name, 'COUNT', 400, 'STREAMS', stream, '>');
  }
  const probe = place.read();
  await hasTaken(probe, '1499');
  assert.deepEqual(probe.taken, numbers(1500));
  assert.equal(probe.figure('redelivered'), 1200);
  assert.ok(Math.max(...probe.batches) <= 512);
});

test('pending entries that were trimmed meanwhile are a gap, and stop nothing', async (t) => {
  const place = openPlace(t);
  const { client, stream } = place;
  await place.add(numbers(10));
  await client.xgroup('CREATE', stream, 'yunque', '0');
  await client.xreadgroup('GROUP', 'yunque', 'x', 'COUNT', 6, 'STREAMS', stream, '>');
  await client.xtrim(stream, 'MAXLEN', 5);
  const probe = place.read();
  await hasTaken(probe, '9');
  assert.deepEqual(probe.taken, numbers(5, 5));
  assert.equal(probe.figure('gaps'), 5);
  await eventually('nothing is pending', async () => (await place.pending()) === 0);
});

test('entries that were trimmed before anybody was given them are a gap', async (t) => {
  const place = openPlace(t);
  await (await openRead(place)).source.close();
  await place.add(numbers(10));
  await place.client.xtrim(place.stream, 'MAXLEN', 3);
  const probe = place.read();
  await hasTaken(probe, '9');
  assert.deepEqual(probe.taken, numbers(3, 7));
  assert.equal(probe.figure('gaps'), 7);
  await probe.source.close();
  // The last one takes the place of all others, which were read.
  await place.client.xadd(place.stream, 'MAXLEN', '=', 1, '*', 'data', 'last');
  const next = place.read();
  await hasTaken(next, 'last');
  assert.equal(next.figure('gaps'), 0);
});

async function openRead(place: ReturnType<typeof openPlace>): Promise<Probe> {
  const probe = place.read();
  await isIn('reading', probe);
  return probe;
}

test('a stream that is deleted is declared anew, and a gap', async (t) => {
  const place = openPlace(t);
  const probe = await openRead(place);
  await place.add(['before']);
  await hasTaken(probe, 'before');
  await place.client.del(place.stream);
  await place.add(['after']);
  await hasTaken(probe, 'after');
  assert.equal(probe.figure('gaps'), 1);
  assert.deepEqual(probe.taken, ['before', 'after']);
  assert.ok(!probe.states.includes('failing'));
});

test('a key that is no stream is said so, and read when it has become one', async (t) => {
  const place = openPlace(t);
  await place.client.set(place.stream, 'text');
  const probe = place.read();
  await isIn('failing', probe);
  assert.match(
    probe.source.status.failure ?? '',
    /^the key \S+ of Redis at 127\.0\.0\.1:\d+ is not a stream: remove it/,
  );
  await place.client.del(place.stream);
  await place.add(['after']);
  await hasTaken(probe, 'after');
  assert.equal(probe.source.status.failure, undefined);
});

test('an entry without "data" is poison, and parked with all it has; ids and what stands beside are kept', async (t) => {
  const place = openPlace(t);
  const { client, stream } = place;
  const probe = await openRead(place);
  const bad = await client.xadd(stream, '*', 'body', 'x', 'system', 'shop');
  const poison = await client.xadd(stream, '*', 'data', 'poison', 'idempotencyKey', 'k');
  await place.add(['good']);
  await hasTaken(probe, 'good');
  assert.deepEqual(probe.taken, ['', 'poison', 'good']);
  assert.equal(probe.records[1]?.id, poison);
  const common = ['door', 'stream:test', 'source', stream, 'id'];
  assert.deepEqual(await place.parked(), [
    ['reason', 'the entry has no field "data"', ...common, bad, 'body', 'x', 'system', 'shop'],
    ['reason', 'not a push', ...common, poison, 'data', 'poison', 'idempotencyKey', 'k'],
  ]);
  await eventually('nothing is pending', async () => (await place.pending()) === 0);
  assert.equal(probe.figure('parked'), 2);
});

test('poison that cannot be parked goes into the log, and stops nothing', async (t) => {
  const place = openPlace(t);
  await place.client.set(`${place.stream}.dead`, 'no stream');
  const probe = await openRead(place);
  await place.add(['poison one', 'good']);
  await place.add(['later']);
  await hasTaken(probe, 'later');
  await eventually('it is counted', () => probe.figure('unparked') === 1);
  const [line] = place.logged;
  assert.equal(Buffer.from(String(line?.['body']), 'base64').toString(), 'poison one');
  assert.match(String(line?.['failure']), /WRONGTYPE/);
});

test('lag is right again once all was read of a Redis that has forgotten how much a group had', async (t) => {
  const { client, stream, ...place } = openPlace(t);
  let held: Promise<void> | undefined;
  const probe = place.read({}, () => held);
  await place.add(numbers(100));
  await hasTaken(probe, '99');
  const entriesRead = async () => {
    const [group] = (await client.xinfo('GROUPS', stream)) as unknown[][];
    return group?.[group.indexOf('entries-read') + 1];
  };
  // As it is after a restart from its append-only file.
  await client.call('XGROUP', 'SETID', stream, 'yunque', String(probe.records.at(-1)?.id), 'ENTRIESREAD', '0');
  await eventually('it is set right', async () => (await entriesRead()) === 100);
  const release = Promise.withResolvers<void>();
  held = release.promise;
  await place.add(numbers(5, 100));
  await eventually('five wait', () => probe.source.status.lag === 5);
  release.resolve();
  await hasTaken(probe, '104');
});

test('lag: what is given to nobody, and what is not acknowledged', async (t) => {
  const place = openPlace(t);
  const held = Promise.withResolvers<void>();
  const probe = place.read({ maxBatchRecords: 10 }, () => held.promise);
  await isIn('reading', probe);
  await place.add(numbers(100));
  await eventually('all wait', () => probe.source.status.lag === 100);
  held.resolve();
  await eventually('none waits', () => probe.source.status.lag === 0);
  assert.equal(probe.taken.length, 100);
  // Redis cannot count across a hole.
  const held2 = await place.client.xadd(place.stream, '*', 'data', 'x');
  await place.client.xdel(place.stream, String(held2));
  await hasTaken(probe, '99');
  await eventually('none waits', () => probe.source.status.lag === 0);
});

test('large entries are read a few at a time', async (t) => {
  const place = openPlace(t);
  const body = 'x'.repeat(200_000);
  await place.add(numbers(60).map((text) => `${text} ${body}`));
  const probe = place.read();
  await eventually('all are taken', () => probe.taken.length === 60, 20_000);
  assert.ok(Math.max(...probe.batches) <= 16, String(probe.batches));
});

test('in a Redis Cluster the lease is where the stream is', async (t) => {
  const node = await startOneNodeCluster(t);
  const client = connectRedisCluster(t, [node.port]);
  const servers = { kind: 'cluster', nodes: [{ host: '127.0.0.1', port: node.port }] } as const;
  for (const stream of ['chat', '{shop}:chat']) {
    const place = openStreamPlace(t, node.port, stream);
    const [one, other] = [1, 2].map(() => place.read({ redis: { servers, timeoutMs: 500 } })) as [Probe, Probe];
    await eventually('one reads', () => [one, other].some(({ source }) => source.status.state === 'reading'));
    await client.xadd(stream, '*', 'data', 'poison');
    await client.xadd(stream, '*', 'data', 'good');
    await eventually('it is taken', () => [...one.taken, ...other.taken].includes('good'));
    assert.equal(await client.xlen(`${stream}.dead`), 1);
    await Promise.all([one.source.close(), other.source.close()]);
  }
});
