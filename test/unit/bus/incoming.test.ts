import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Incoming } from '../../../src/bus/cluster/incoming.ts';
import { createRandom, pick } from '../../support/random.ts';

function create() {
  const heard: string[] = [];
  const holes: string[] = [];
  const clock = { now: 0 };
  const incoming = new Incoming({
    self: 'me',
    onBroadcast: ({ origin, incarnation, number }) => heard.push(`${origin}${incarnation}:${number}`),
    onHole: ({ id }, from, to) => holes.push(`${id}:${from}-${to}`),
    ...{ askAfterMs: 50, giveUpAfterMs: 500, mostBytes: 1000, now: () => clock.now },
  });
  const hear = (number: number, { origin = 'a', incarnation = 1, bytes = 1 } = {}) => {
    incoming.receive({ type: 'broadcast', origin, incarnation, number, pushes: [Buffer.alloc(bytes)] });
  };
  const after = (ms: number) => {
    clock.now += ms;
    incoming.sweep();
  };
  return { incoming, heard, holes, hear, after, clock };
}

const numbers = (from: number, to: number, origin = 'a1') =>
  Array.from({ length: to - from + 1 }, (_, at) => `${origin}:${from + at}`);

describe('what other nodes broadcast', () => {
  test('is handed on once and in order, whichever way it comes', () => {
    const { incoming, heard, hear } = create();
    incoming.learn({ id: 'a', incarnation: 1 }, 1);
    for (const number of [2, 1, 1, 4, 2, 3, 3]) hear(number);
    assert.deepEqual(heard, numbers(1, 4));
    assert.deepEqual(incoming.figures, { received: 4, duplicates: 3, gaps: 0, stale: 0 });
    assert.equal(incoming.isWaiting, false);
  });

  test('never includes what this node sent itself', () => {
    const { heard, hear } = create();
    hear(1, { origin: 'me' });
    assert.deepEqual(heard, []);
  });

  test('is asked for where a number is missing, then waited for half a second, then counted as a gap', () => {
    const { incoming, heard, holes, hear, after } = create();
    hear(1);
    hear(4);
    after(40);
    assert.deepEqual(holes, []);
    after(20);
    after(20);
    assert.deepEqual(holes, ['a:2-4']);
    assert.deepEqual(heard, ['a1:1']);
    after(500);
    assert.deepEqual(heard, ['a1:1', 'a1:4']);
    hear(2);
    assert.deepEqual(heard, ['a1:1', 'a1:4'], 'what comes after that is not out of its order');
    assert.deepEqual(incoming.figures, { received: 2, duplicates: 1, gaps: 2, stale: 0 });
  });

  test('is done once also where it comes after its node has gone, and of a thousand that have gone little is kept', () => {
    const { incoming, heard, hear } = create();
    hear(1);
    hear(2);
    incoming.onGone({ id: 'a', incarnation: 1 });
    hear(2);
    hear(3);
    assert.deepEqual(heard, numbers(1, 3));
    for (let n = 0; n < 1000; n += 1) {
      hear(1, { origin: `b${n}` });
      hear(3, { origin: `b${n}` });
      incoming.onGone({ id: `b${n}`, incarnation: 1 });
    }
    assert.ok(incoming.size <= 100, `${incoming.size}`);
    assert.equal(heard.filter((each) => each.endsWith(':3')).length, 1 + 900, 'what waited behind a hole is not lost');
  });

  test('is in order of a node that has gone and is back, however many have gone since', () => {
    const { incoming, heard, hear } = create();
    hear(1);
    incoming.onGone({ id: 'a', incarnation: 1 });
    hear(1, { incarnation: 2 });
    for (let n = 0; n < 200; n += 1) {
      hear(1, { origin: `b${n}` });
      incoming.onGone({ id: `b${n}`, incarnation: 1 });
    }
    hear(1, { incarnation: 2 });
    hear(2, { incarnation: 2 });
    assert.deepEqual(
      heard.filter((each) => each.startsWith('a')),
      ['a1:1', 'a2:1', 'a2:2'],
    );
  });

  test('behind a hole takes a bounded number of bytes', () => {
    const { incoming, heard, hear } = create();
    hear(1);
    hear(3, { bytes: 600 });
    hear(4, { bytes: 500 });
    assert.deepEqual(heard, ['a1:1', 'a1:3', 'a1:4']);
    assert.equal(incoming.figures.gaps, 1);
  });

  test('has no gap before this node knew of its origin', () => {
    const { incoming, heard, hear } = create();
    incoming.learn({ id: 'a', incarnation: 1 }, 100);
    hear(101);
    hear(100);
    hear(7, { origin: 'b' });
    hear(8, { origin: 'b' });
    assert.deepEqual(heard, ['a1:100', 'a1:101', 'b1:7', 'b1:8']);
    assert.equal(incoming.figures.gaps, 0);
  });

  test('is missed at its end too, when the origin says how far it is', () => {
    const { incoming, heard, holes, hear, after } = create();
    hear(1);
    incoming.learn({ id: 'a', incarnation: 1 }, 3);
    after(60);
    assert.deepEqual(holes, ['a:2-3']);
    hear(2);
    assert.deepEqual([heard, incoming.isWaiting], [numbers(1, 2), false]);
    incoming.learn({ id: 'a', incarnation: 1 }, 4);
    after(500);
    assert.deepEqual([incoming.figures.gaps, incoming.isWaiting], [1, false]);
  });

  test('begins anew with a new start of its origin; what the earlier one said later is passed over', () => {
    const { incoming, heard, hear } = create();
    hear(5);
    hear(7);
    hear(2, { incarnation: 2 });
    hear(1, { incarnation: 2 });
    hear(8);
    assert.deepEqual(heard, ['a1:5', 'a1:7', 'a2:1', 'a2:2']);
    assert.deepEqual(incoming.figures, { received: 4, duplicates: 0, gaps: 1, stale: 1 });
  });

  test('lost, repeated, late and out of order on two ways comes in order and once, and what is missing was counted', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = createRandom(seed);
      const { incoming, heard, hear, after } = create();
      const origins = ['a', 'b'];
      for (const id of origins) incoming.learn({ id, incarnation: 1 }, 1);
      const sent = 40;
      // When each copy arrives, of each message none, one or more on each way.
      const arrivals = origins.flatMap((origin) =>
        Array.from({ length: sent }, (_, at) => at + 1).flatMap((number) => {
          const copies = pick(random, 10) === 0 ? 0 : 1 + pick(random, 3);
          return Array.from({ length: copies }, () => {
            const delay = pick(random, 4) === 0 ? pick(random, 900) : pick(random, 30);
            return { origin, number, at: number * 10 + delay };
          });
        }),
      );
      arrivals.sort((one, other) => one.at - other.at);
      let now = 0;
      for (const { origin, number, at } of arrivals) {
        for (; now < at; now += 10) after(10);
        hear(number, { origin });
      }
      for (const id of origins) incoming.learn({ id, incarnation: 1 }, sent + 1);
      for (let n = 0; n < 200; n += 1) after(10);
      const { received, gaps } = incoming.figures;
      assert.equal(received + gaps, 2 * sent, `seed ${seed}`);
      assert.equal(incoming.isWaiting, false, `seed ${seed}`);
      for (const origin of origins) {
        const order = heard.filter((what) => what.startsWith(origin)).map((what) => Number(what.slice(3)));
        assert.deepEqual(
          order,
          [...new Set(order)].toSorted((one, other) => one - other),
          `seed ${seed}`,
        );
      }
    }
  });
});
