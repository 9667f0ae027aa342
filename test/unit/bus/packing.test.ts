import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packs, unpack } from '../../../src/bus/engines/packing.ts';

const lengths = [0, 1, 255, 256, 65_536, 300_000];

test('what is packed is unpacked as it was, in as few packs as may be', () => {
  const messages = Array.from({ length: 60 }, (_, n) => Buffer.alloc(lengths[(n * 7) % lengths.length] ?? 0, n));
  const all = [...packs(messages)];
  assert.deepEqual(
    all.flatMap(({ packed }) => unpack(packed) ?? []),
    messages,
  );
  assert.equal(
    all.reduce((sum, { count }) => sum + count, 0),
    messages.length,
  );
  assert.ok(all.every(({ packed, count }) => count === 1 || packed.length <= 256 * 1024));
  const small = Array.from({ length: 100 }, () => Buffer.alloc(500));
  assert.equal([...packs(small)].length, 1);
  assert.equal([...packs([])].length, 0);
});

test('the form of a pack is the one that is written down', () => {
  const [pack] = packs([Buffer.from('ab'), Buffer.alloc(0)]);
  assert.equal(pack?.packed.toString('hex'), '01000000026162' + '00000000');
});

test('what is no pack, or is cut off anywhere within a message, is none', () => {
  assert.equal(unpack(Buffer.alloc(0)), undefined);
  assert.equal(unpack(Buffer.from([2, 0, 0, 0, 0])), undefined);
  const [pack] = packs([Buffer.from('hello'), Buffer.from('world')]);
  const packed = pack?.packed ?? Buffer.alloc(0);
  const whole = [1, 10, packed.length];
  for (let end = 1; end <= packed.length; end += 1) {
    assert.equal(unpack(packed.subarray(0, end)) !== undefined, whole.includes(end), `${end} bytes`);
  }
});
