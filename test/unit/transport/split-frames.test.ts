import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitFrames } from '../../../src/transport/split-frames.ts';
import { frame, opcodes } from '../../../src/wire/frame.ts';

test('frames of every length of head are cut where they were joined, without copying', () => {
  const payloads = [0, 1, 125, 126, 300, 65_535, 65_536, 200_000].map((size, at) => Buffer.alloc(size, at));
  const kinds = [opcodes.text, opcodes.binary, opcodes.ping] as const;
  const joined = Buffer.concat(payloads.map((payload, at) => frame(payload, kinds[at % 3] ?? opcodes.text)));
  const split = [...splitFrames(joined)];
  assert.deepEqual(
    split.map(({ opcode }) => opcode),
    payloads.map((_, at) => kinds[at % 3]),
  );
  for (const [at, { payload }] of split.entries()) {
    assert.ok(payload.equals(payloads[at] as Buffer));
    assert.equal(payload.buffer, joined.buffer);
  }
  assert.deepEqual([...splitFrames(Buffer.alloc(0))], []);
});
