import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startRedis } from '../support/services/redis.ts';
import { missing, numbers } from '../support/source-probe.ts';
import { openStreamPlace } from '../support/stream-place.ts';

const redis = await startRedis({ after }, { persistent: true });
let made = 0;

function openPlace(t: TestContext) {
  made += 1;
  return openStreamPlace(t, redis.port, `stream-${made}`);
}

type Place = ReturnType<typeof openPlace>;
type Probe = ReturnType<Place['read']>;
const isIn = (state: string, { source }: Probe) =>
  eventually(`it is ${state}`, () => source.status.state === state, 15_000);
const hasTaken = (probe: Probe, text: string) =>
  eventually(`${text} is taken`, () => probe.taken.includes(text), 15_000);

/** Adds them a hundred at a time, each until Redis has taken it. */
async function addAllThrough(place: Place, texts: readonly string[]): Promise<void> {
  for (let at = 0; at < texts.length; at += 100) {
    let left = texts.slice(at, at + 100);
    while (left.length > 0) {
      const added = new Set(await place.add(left));
      left = left.filter((text) => !added.has(text));
      if (left.length > 0) await delay(20);
    }
  }
}

test('Redis that is killed and comes back with its data: all it has kept is taken once, in its order', async (t) => {
  const place = openPlace(t);
  // Half of the batches are under way for a while.
  const probe = place.read({ maxBatchRecords: 50 }, async () => void (await delay(2)));
  await isIn('reading', probe);
  const sent = numbers(5000);
  const adding = addAllThrough(place, sent);
  await eventually('it is in the middle', () => probe.taken.length > 500);
  await redis.stop();
  await isIn('failing', probe);
  assert.match(probe.source.status.failure ?? '', /^Redis at 127\.0\.0\.1:\d+: \S/);
  await redis.start();
  await adding;
  await eventually('all are taken', () => missing(sent, probe.taken).length === 0, 20_000);
  const kept = (await place.client.xrange('stream-1', '-', '+')).map(([, fields]) => String(fields[1]));
  assert.deepEqual(probe.taken, kept);
  assert.equal(probe.figure('reconnects'), 1);
  assert.equal(probe.figure('gaps'), 0);
});

test('a wire that is cut again and again: all are taken once, in order', async (t) => {
  const place = openPlace(t);
  const proxy = await startFaultProxy(t, redis);
  let cuts = 4;
  const probe = place.read({ wire: proxy.port, maxBatchRecords: 20 }, async () => {
    await delay(1);
    if (cuts > 0 && probe.taken.length > (5 - cuts) * 300) {
      cuts -= 1;
      proxy.cut();
    }
  });
  await isIn('reading', probe);
  await place.add(numbers(2000));
  await hasTaken(probe, '1999');
  assert.deepEqual(probe.taken, numbers(2000));
  assert.equal(cuts, 0);
  assert.ok(probe.figure('reconnects') >= 2);
});

for (const direction of ['both', 'replies'] as const) {
  test(`a wire that swallows ${direction} is left, and what was read on it is taken once, in order`, async (t) => {
    const place = openPlace(t);
    const proxy = await startFaultProxy(t, redis);
    const probe = place.read({ wire: proxy.port });
    await isIn('reading', probe);
    await place.add(numbers(10));
    await hasTaken(probe, '9');
    proxy.blackhole(direction);
    await place.add(numbers(10, 10));
    await isIn('failing', probe);
    await proxy.pass();
    await place.add(numbers(10, 20));
    await hasTaken(probe, '29');
    assert.deepEqual(probe.taken, numbers(30));
    await eventually('nothing is pending', async () => (await place.pending()) === 0);
  });
}

test('Redis that stands still: it is said so, and read on', async (t) => {
  const place = openPlace(t);
  const probe = place.read();
  await isIn('reading', probe);
  redis.kill('SIGSTOP');
  await isIn('failing', probe);
  redis.kill('SIGCONT');
  await place.add(['after']);
  await hasTaken(probe, 'after');
});

test('what a reader asked for on a wire that held it back does nothing once another reads', async (t) => {
  const place = openPlace(t);
  const proxy = await startFaultProxy(t, redis);
  const one = place.read({ wire: proxy.port });
  await isIn('reading', one);
  const held = Promise.withResolvers<void>();
  const other = place.read({ maxBatchRecords: 1 }, () => held.promise);
  await isIn('standby', other);
  proxy.blackhole('requests');
  await isIn('reading', other);
  // Most of them are given to nobody yet when the question of the other arrives.
  await place.add(numbers(10));
  await proxy.pass();
  await isIn('standby', one);
  held.resolve();
  await hasTaken(other, '9');
  await isIn('standby', one);
  assert.deepEqual(other.taken, numbers(10));
  assert.deepEqual(one.taken, []);
  await eventually('nothing is pending', async () => (await place.pending()) === 0);
});

test('Redis that comes back empty: the stream is declared anew, and a gap', async (t) => {
  const place = openPlace(t);
  const probe = place.read();
  await isIn('reading', probe);
  await redis.stop();
  await isIn('failing', probe);
  await redis.start({ keepData: false });
  await addAllThrough(place, ['after']);
  await hasTaken(probe, 'after');
  assert.equal(probe.figure('gaps'), 1);
});
