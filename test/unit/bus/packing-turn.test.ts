import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pack, unpack } from '../../../src/bus/engines/packing.ts';
import { settle, Turn } from '../../../src/bus/engines/turn.ts';
import { createRandom, pick } from '../../support/random.ts';

test('messages come out of a record as they went in', () => {
  const random = createRandom(7);
  for (let round = 0; round < 200; round += 1) {
    const messages = Array.from({ length: pick(random, 6) }, () => Buffer.alloc(pick(random, 300), pick(random, 256)));
    assert.deepEqual(unpack(pack(messages)), messages);
  }
});

test('a record cut anywhere, or of another version, is nobody’s, or fewer whole messages', () => {
  const messages = [Buffer.from('one'), Buffer.alloc(0), Buffer.from('three')];
  const record = pack(messages);
  for (let length = 0; length < record.length; length += 1) {
    const got = unpack(record.subarray(0, length));
    if (got !== undefined) assert.deepEqual(got, messages.slice(0, got.length));
  }
  assert.equal(unpack(Buffer.concat([Buffer.from([2]), record.subarray(1)])), undefined);
  assert.equal(unpack(Buffer.from([1, 0xff, 0xff, 0xff, 0xff])), undefined);
});

test('what is said in one turn of the loop goes as one; what is too much for one goes as several, in order', async () => {
  const batches: string[][] = [];
  const turn = new Turn((batch) => {
    batches.push(batch.messages.map((message) => `${message[0]}`));
    settle(batch);
  });
  const large = 300 * 1024;
  const first = [1, 2].map((number) => turn.add(Buffer.from([number])));
  assert.deepEqual(batches, [], 'not within the turn');
  await Promise.all(first);
  await Promise.all([3, 4, 5].map((number) => turn.add(Buffer.alloc(large, number))));
  assert.deepEqual(batches, [['1', '2'], ['3'], ['4'], ['5']]);
});

test('who waits for a batch hears of its failure, each once', async () => {
  const turn = new Turn((batch) => {
    settle(batch, new Error('no'));
    settle(batch);
  });
  const outcomes = await Promise.allSettled([turn.add(Buffer.from('a')), turn.add(Buffer.from('b'))]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
});
