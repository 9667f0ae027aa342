import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createScanState, mostFrameBytes, scanFrames } from '../../../src/load/frame-scanner.ts';
import { frame, opcodes } from '../../../src/wire/frame.ts';
import { createRandom } from '../../support/random.ts';

/** What a scanner makes of `chunks`: each frame's first byte and payload. */
function scan(chunks: readonly Buffer[]): string[] {
  const state = createScanState();
  const found: string[] = [];
  for (const chunk of chunks) {
    // As receivers do: every chunk is read into the same memory.
    const shared = Buffer.concat([chunk, Buffer.alloc(16, 0xee)]);
    scanFrames(state, shared, chunk.length, (bytes, from, to, firstByte) => {
      found.push(`${firstByte}:${bytes.toString('latin1', from, to)}`);
    });
    shared.fill(0xaa);
  }
  return found;
}

const payloads = ['', 'a', 'x'.repeat(125), 'y'.repeat(126), 'z'.repeat(300), 'last'];
const bytes = Buffer.concat(payloads.map((each) => frame(Buffer.from(each), opcodes.text)));
const wanted = payloads.map((each) => `129:${each}`);

describe('scanFrames', () => {
  test('finds every frame of a chunk with many', () => {
    assert.deepEqual(scan([bytes]), wanted);
  });

  test('finds the same frames wherever a cut is made', () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      assert.deepEqual(scan([bytes.subarray(0, cut), bytes.subarray(cut)]), wanted, `cut at ${cut}`);
    }
  });

  test('finds the same frames byte by byte', () => {
    assert.deepEqual(scan(Array.from(bytes, (each) => Buffer.from([each]))), wanted);
  });

  test('finds frames of every length class in pieces of any size', () => {
    const random = createRandom(7);
    for (let round = 0; round < 50; round++) {
      const sizes = Array.from({ length: 8 }, () => Math.floor(random() ** 3 * 70_000));
      const whole = Buffer.concat(sizes.map((size) => frame(Buffer.alloc(size, 0x61), opcodes.binary)));
      const chunks: Buffer[] = [];
      for (let at = 0; at < whole.length; ) {
        const size = 1 + Math.floor(random() ** 2 * 40_000);
        chunks.push(whole.subarray(at, at + size));
        at += size;
      }
      assert.deepEqual(
        scan(chunks).map((each) => each.length - 4),
        sizes,
      );
    }
  });

  test('refuses a length that no server sends, instead of waiting for it', () => {
    const head = Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    head.writeBigUInt64BE(BigInt(mostFrameBytes) + 1n, 2);
    assert.throws(() => scan([head]), /a frame of 268435457 bytes/);
    assert.throws(() => scan([head.subarray(0, 5), head.subarray(5)]), RangeError);
  });
});
