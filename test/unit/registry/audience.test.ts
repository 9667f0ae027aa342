import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Audience, type BatchRules } from '../../../src/registry/audience.ts';
import type { Place } from '../../../src/registry/batch.ts';
import { EndOfTurn } from '../../../src/registry/end-of-turn.ts';
import type { FanoutResult } from '../../../src/registry/tally.ts';
import { Counters } from '../../../src/telemetry/counters.ts';
import { codecs } from '../../../src/wire/codecs/index.ts';
import { PreparedMessage } from '../../../src/wire/prepared-message.ts';
import { FakeConnection, type FakeConnectionOptions } from '../../support/fake-connection.ts';
import { jsonOf, settled } from '../../support/fake-node.ts';
import { samplePush } from '../../support/messages.ts';
import { createRandom } from '../../support/random.ts';

const eachTurn: BatchRules = { delayMs: 0, maxBytes: 256 * 1024 };

function createAudience(rules: BatchRules = eachTurn, slice?: number) {
  const counters = new Counters();
  const turn = new EndOfTurn(slice === undefined ? {} : { slice });
  const audience = new Audience<Place>({ turn, rules, counters });
  let cids = 0;
  return {
    audience,
    counters,
    join: (options: Partial<FakeConnectionOptions> = {}) => {
      cids += 1;
      const connection = new FakeConnection({ cid: cids, dialect: 'json', ...options });
      audience.add({ connection, position: audience.head });
      return connection;
    },
    push: (msg: string, options = {}) => audience.push(new PreparedMessage({ ...samplePush, msg }, codecs), options),
  };
}

const heard = (connection: FakeConnection) => jsonOf(connection).map(({ msg }) => msg);
const result = (delivered: number, more: Partial<FanoutResult> = {}) => ({
  matched: delivered,
  delivered,
  queued: 0,
  dropped: {},
  ...more,
});

describe('an audience', () => {
  test('hears all messages of a turn in one buffer, the same for everybody of a dialect', async () => {
    const { join, push, counters } = createAudience();
    const members = [join(), join(), join({ dialect: 'yunque' })];
    const results = await Promise.all([push('1'), push('2'), push('3')]);
    assert.deepEqual(results, [result(3), result(3), result(3)]);
    assert.deepEqual(members.slice(0, 2).map(heard), [
      ['1', '2', '3'],
      ['1', '2', '3'],
    ]);
    assert.equal(members[0]?.batches.length, 1);
    assert.equal(members[0]?.batches[0], members[1]?.batches[0]);
    assert.equal(members[2]?.received.length, 3);
    assert.deepEqual(counters.deliveries, { json: 6, yunque: 3, cim: 0, 'cim-json': 0 });
  });

  test('without members answers at once', async () => {
    assert.deepEqual(await createAudience().push('1'), result(0));
  });

  test('tells who joins between two messages exactly the later ones, and who leaves exactly the earlier ones', async () => {
    const { join, push, audience } = createAudience();
    const [stays, leaves] = [join(), join()];
    const first = push('1');
    const joins = join();
    const second = push('2');
    audience.delete(leaves);
    const third = push('3');
    assert.deepEqual(await Promise.all([first, second, third]), [result(2), result(3), result(2)]);
    assert.deepEqual([stays, joins, leaves].map(heard), [
      ['1', '2', '3'],
      ['2', '3'],
      ['1', '2'],
    ]);
  });

  test('leaves out whom a message excludes, in the place it would have had', async () => {
    const { join, push } = createAudience();
    const [all, some] = [join(), join()];
    const results = await Promise.all([push('1'), push('2', { exclude: new Set([some]) }), push('3')]);
    assert.deepEqual(results, [result(2), result(1), result(2)]);
    assert.deepEqual([all, some].map(heard), [
      ['1', '2', '3'],
      ['1', '3'],
    ]);
  });

  test('counts those that are closing as dropped, and of a notice not at all', async () => {
    const { join, push, counters } = createAudience();
    join();
    join().peerBeginsClosing();
    const results = await Promise.all([push('1'), push('2', { isNotice: true })]);
    assert.deepEqual(results, [result(1, { matched: 2, dropped: { closing: 1 } }), result(1)]);
    assert.deepEqual(counters.dropped, { closing: 1 });
  });

  test('says of a member that does not read that its messages are queued', async () => {
    const { join, push } = createAudience();
    join();
    join().stall();
    assert.deepEqual(await push('1'), result(2, { queued: 1 }));
    assert.deepEqual(await push('2'), result(2, { queued: 1 }));
  });

  test('closes a member that is too slow for a message that has to arrive, and nobody else', async () => {
    const { join, push } = createAudience();
    const fast = join();
    const slow = join({ maxQueueBytes: 200 });
    slow.stall();
    await push('1');
    assert.deepEqual(await push('2'), result(1, { matched: 2, dropped: { slow_consumer: 1 } }));
    assert.deepEqual([slow.closed?.code, heard(fast)], [4008, ['1', '2']]);
  });

  test('of many is served a slice at a time, in order; who leaves meanwhile has heard what was pushed before', async () => {
    const { join, push, audience } = createAudience(eachTurn, 10);
    const members = Array.from({ length: 35 }, () => join());
    const first = push('1');
    await new Promise((resolve) => setImmediate(resolve));
    const served = members.filter((member) => member.received.length > 0).length;
    assert.ok(served > 0 && served <= 20, `${served} after one turn`);
    const second = push('2');
    const [early, late] = [members[0], members[34]] as [FakeConnection, FakeConnection];
    for (const leaves of [early, late]) audience.delete(leaves);
    const newcomer = join();
    const third = push('3');
    assert.deepEqual(await Promise.all([first, second, third]), [result(35), result(35), result(34)]);
    assert.deepEqual([early, late, newcomer].map(heard), [['1', '2'], ['1', '2'], ['3']]);
    for (const member of members.slice(1, 34)) assert.deepEqual(heard(member), ['1', '2', '3']);
  });

  test('is served in slices of bytes, too: much for each is for fewer in a turn', async () => {
    const { join, audience } = createAudience(eachTurn, 100);
    const members = Array.from({ length: 60 }, () => join());
    const data = `"${'x'.repeat(160 * 1024)}"`;
    const pushed = audience.push(new PreparedMessage({ ...samplePush, data }, codecs));
    await new Promise((resolve) => setImmediate(resolve));
    const served = members.filter((member) => member.received.length > 0).length;
    assert.ok(served > 0 && served < 20, `${served} after one turn`);
    assert.deepEqual(await pushed, result(60));
  });

  test('gives who is left out of some messages the others in as many pieces as there are', async () => {
    const { join, push } = createAudience();
    const [all, some] = [join(), join()];
    const exclude = new Set([some]);
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, n) => push(String(n), n % 10 === 5 ? { exclude } : {})),
    );
    assert.deepEqual(
      results.map(({ delivered }) => delivered),
      Array.from({ length: 30 }, (_, n) => (n % 10 === 5 ? 1 : 2)),
    );
    assert.equal(some.batches.length, 4);
    assert.deepEqual(
      heard(some),
      heard(all).filter((msg) => Number(msg) % 10 !== 5),
    );
  });

  test('takes turns with others, so that a small one does not wait for a large one', async () => {
    const turn = new EndOfTurn({ slice: 10 });
    const [large, small] = [1, 2].map(() => new Audience<Place>({ turn, rules: eachTurn })) as [Audience, Audience];
    for (let cid = 1; cid <= 100; cid += 1) {
      large.add({ connection: new FakeConnection({ cid, dialect: 'json' }), position: 0 });
    }
    small.add({ connection: new FakeConnection({ cid: 101, dialect: 'json' }), position: 0 });
    const order: string[] = [];
    const push = async (name: string, audience: Audience) => {
      await audience.push(new PreparedMessage(samplePush, codecs));
      order.push(name);
    };
    await Promise.all([push('large', large), push('small', small)]);
    assert.deepEqual(order, ['small', 'large']);
  });
});

describe('an audience that is busy', () => {
  /** A member that makes handing out slow. */
  const slowToFlush = (connection: FakeConnection) => {
    connection.flush = () => {
      const end = performance.now() + 20;
      while (performance.now() < end);
    };
  };

  test('waits for messages that are on their way, after several came at once', async () => {
    const { join, push } = createAudience();
    const member = join();
    slowToFlush(member);
    await Promise.all([push('1'), push('2')]);
    const third = push('3');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(heard(member), ['1', '2']);
    await Promise.all([third, push('4')]);
    assert.deepEqual(heard(member), ['1', '2', '3', '4']);
    assert.equal(member.batches.length, 2, 'two and two');
  });

  test('waits for nothing where messages come one by one', async () => {
    const { join, push } = createAudience();
    const member = join();
    slowToFlush(member);
    await push('1');
    void push('2');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(heard(member), ['1', '2']);
  });
});

describe('an audience with a delay', () => {
  test('answers at once that its messages are queued, and hands them out together when the time has come', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { join, push } = createAudience({ delayMs: 20, maxBytes: 256 * 1024 });
    const [one, other] = [join(), join()];
    assert.deepEqual(await push('1'), result(2, { queued: 2 }));
    assert.deepEqual(await push('2', { exclude: new Set([other]) }), result(1, { queued: 1 }));
    await settled();
    assert.deepEqual(heard(one), []);
    t.mock.timers.tick(20);
    await settled();
    assert.deepEqual([one, other].map(heard), [['1', '2'], ['1']]);
  });

  test('does not wait once there is a batch full', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { join, push } = createAudience({ delayMs: 20, maxBytes: 300 });
    const member = join();
    for (const msg of ['1', '2', '3', '4', '5']) await push(msg);
    await settled();
    const arrived = heard(member);
    assert.ok(arrived.length >= 2 && arrived.length < 5, `${arrived.length} arrived`);
    t.mock.timers.tick(20);
    await settled();
    assert.deepEqual(heard(member), ['1', '2', '3', '4', '5']);
  });

  test('makes pushes wait when its batches pile up', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { join, push } = createAudience({ delayMs: 20, maxBytes: 100 });
    join();
    const results = await Promise.all(Array.from({ length: 10 }, (_, n) => push(String(n))));
    assert.equal(results.filter(({ queued }) => queued === 1).length, 4);
    assert.equal(results.filter(({ queued }) => queued === 0).length, 6);
  });

  test('gives a member that goes what it holds for it', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { join, push, audience } = createAudience({ delayMs: 20, maxBytes: 256 * 1024 });
    const [stays, served, goes] = [join(), join(), join()];
    await push('1');
    audience.serve(served);
    audience.delete(goes);
    assert.deepEqual([stays, served, goes].map(heard), [[], ['1'], ['1']]);
    t.mock.timers.tick(20);
    await settled();
    assert.deepEqual([stays, served, goes].map(heard), [['1'], ['1'], ['1']]);
  });
});

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  test(`whatever comes and goes, everybody hears exactly what was said while it was there, in order (seed ${seed})`, async () => {
    const random = createRandom(seed);
    const below = (count: number) => Math.floor(random() * count);
    const { join, push, audience, counters } = createAudience({ delayMs: 0, maxBytes: 600 }, 4);
    const expected = new Map<FakeConnection, string[]>();
    const results: { readonly wanted: number; readonly result: Promise<FanoutResult> }[] = [];
    const present = new Set<FakeConnection>();
    for (let step = 0; step < 600; step += 1) {
      const dice = random();
      const someone = [...present][below(present.size)];
      if (dice < 0.25) {
        const connection = join();
        present.add(connection);
        expected.set(connection, []);
      } else if (dice < 0.4 && someone !== undefined) {
        present.delete(someone);
        audience.delete(someone);
      } else if (dice < 0.45 && someone !== undefined) audience.serve(someone);
      else if (dice < 0.8) {
        const exclude = new Set(random() < 0.3 && someone !== undefined ? [someone] : []);
        for (const member of present) if (!exclude.has(member)) expected.get(member)?.push(String(step));
        results.push({ wanted: present.size - exclude.size, result: push(String(step), { exclude }) });
      } else if (dice < 0.9 && someone !== undefined) someone.stall();
      else if (dice < 0.95) for (const member of present) member.resume();
      else await new Promise((resolve) => setImmediate(resolve));
    }
    for (const { wanted, result: answer } of results) {
      const { matched, delivered, dropped } = await answer;
      assert.deepEqual({ matched, delivered, dropped }, { matched: wanted, delivered: wanted, dropped: {} });
    }
    let total = 0;
    for (const [connection, messages] of expected) {
      connection.resume();
      assert.deepEqual(heard(connection), messages);
      total += messages.length;
    }
    assert.equal(counters.deliveries.json, total);
  });
}
