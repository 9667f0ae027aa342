import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueueRecord } from '../../../../src/ingress/queue/source.ts';
import { Parking, poisonIn } from '../../../../src/ingress/queue/sources/parking.ts';

const record = (text: string): QueueRecord => ({ id: `id of ${text}`, body: Buffer.from(text) });
const signal = new AbortController().signal;

function createParking(send: () => Promise<void>, { isWorking = true, withinMs = 0 } = {}) {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const parking = new Parking({
    door: 'shop',
    send,
    isWorking: () => isWorking,
    withinMs,
    warn: (fields) => void lines.push(fields),
  });
  return { parking, lines };
}

test('what a verdict calls poison is parked with the reason of it, and nothing else', () => {
  const batch = [record('a'), record('b'), record('c')];
  const verdicts = [{ is: 'done' }, { is: 'poison', reason: 'why' }, { is: 'done' }] as const;
  assert.deepEqual(poisonIn(batch, verdicts), [{ record: batch[1], reason: 'why' }]);
});

test('nothing is sent where nothing is poison', async () => {
  const { parking } = createParking(() => Promise.reject(new Error('asked')));
  assert.equal(await parking.park([], signal), true);
});

test('what cannot be parked is tried again until it can', async () => {
  let failures = 2;
  const { parking, lines } = createParking(
    async () => {
      failures -= 1;
      if (failures >= 0) throw new Error('full');
    },
    { withinMs: 60_000 },
  );
  assert.equal(await parking.park([{ record: record('a'), reason: 'why' }], signal), true);
  assert.deepEqual([parking.figures(), lines], [{ parked: 1, unparked: 0 }, []]);
});

test('what cannot be parked for long is in the log, of a large body the beginning', async () => {
  const { parking, lines } = createParking(() => Promise.reject(new Error('full')));
  const large = { id: undefined, body: Buffer.alloc(70_000, 'x') };
  const poison = [
    { record: record('a'), reason: 'why' },
    { record: large, reason: 'large' },
  ];
  assert.equal(await parking.park(poison, signal), true);
  assert.deepEqual(parking.figures(), { parked: 0, unparked: 2 });
  assert.deepEqual(lines, [
    { door: 'shop', id: 'id of a', reason: 'why', failure: 'full', bytes: 1, isWhole: true, body: 'YQ==' },
    {
      door: 'shop',
      id: undefined,
      reason: 'large',
      failure: 'full',
      bytes: 70_000,
      isWhole: false,
      body: Buffer.alloc(65_536, 'x').toString('base64'),
    },
  ]);
});

test('while the source itself is away poison waits, and it is tried once where it is aborted', async () => {
  const ending = new AbortController();
  let tries = 0;
  const send = async () => {
    tries += 1;
    if (tries === 3) ending.abort();
    throw new Error('away');
  };
  const { parking, lines } = createParking(send, { isWorking: false });
  const poison = [{ record: record('a'), reason: 'why' }];
  assert.equal(await parking.park(poison, ending.signal), false);
  assert.equal(await parking.park(poison, ending.signal), false);
  assert.deepEqual([tries, lines, parking.figures()], [4, [], { parked: 0, unparked: 0 }]);
});
