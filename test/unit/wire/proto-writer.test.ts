import assert from 'node:assert/strict';
import { test } from 'node:test';
import protobuf from 'protobufjs/minimal.js';
import { toLong } from '../../../src/wire/int64.ts';
import { finishFrame, startFrame, writeInt64, writeMap, writeText } from '../../../src/wire/proto-writer.ts';

const texts = ['', 'a', 'x'.repeat(23), 'x'.repeat(24), 'x'.repeat(25), 'é', '云雀', '🐦', `${'x'.repeat(40)}云`];
const long = ['x'.repeat(127), 'x'.repeat(128), '云'.repeat(42), '云'.repeat(43), 'y'.repeat(480), '云'.repeat(6000)];
const broken = ['\ud800', 'a\udc00b', `${'x'.repeat(30)}\ud800`];

/** As protobufjs writes it, of text made well-formed. */
function reference(write: (writer: protobuf.Writer) => void): string {
  const writer = protobuf.Writer.create().uint32(2);
  write(writer);
  return Buffer.from(writer.finish()).toString('hex');
}

test('texts of every length are written as protobufjs writes them', () => {
  for (const text of [...texts, ...long, ...broken]) {
    const writer = startFrame(2);
    for (const field of [1, 9]) writeText(writer, field, text);
    const expected = reference((other) => {
      for (const field of [1, 9]) if (text !== '') other.uint32((field << 3) | 2).string(text.toWellFormed());
    });
    assert.equal(finishFrame(writer).toString('hex'), expected, text.slice(0, 50));
  }
});

test('maps of every length are written as protobufjs writes them', () => {
  const all = [...texts, ...long, ...broken];
  for (const value of all) {
    const map = new Map(all.map((key) => [key, value]));
    const writer = startFrame(2);
    writeMap(writer, 3, map);
    const expected = reference((other) => {
      for (const [key, text] of map) {
        other.uint32((3 << 3) | 2).fork();
        other.uint32(10).string(key.toWellFormed()).uint32(18).string(text.toWellFormed()).ldelim();
      }
    });
    assert.equal(finishFrame(writer).toString('hex'), expected, value.slice(0, 50));
  }
});

test('int64 of every length are written as protobufjs writes them', () => {
  for (let bits = 0n; bits <= 64n; bits++) {
    for (const value of [1n << bits, (1n << bits) - 1n, -(1n << bits), -(1n << bits) + 1n]) {
      const int64 = BigInt.asIntN(64, value);
      const writer = startFrame(2);
      writeInt64(writer, 8, int64);
      const expected = reference((other) => int64 !== 0n && other.uint32(8 << 3).int64(toLong(int64)));
      assert.equal(finishFrame(writer).toString('hex'), expected, String(int64));
    }
  }
});
