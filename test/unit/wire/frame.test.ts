import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frame, opcodes } from '../../../src/wire/frame.ts';
import { wsFrame } from '../../support/ws-frame.ts';

for (const [name, opcode] of Object.entries(opcodes)) {
  for (const size of [0, 1, 125, 126, 127, 65_535, 65_536, 200_000]) {
    if (opcode === opcodes.ping && size > 125) continue;
    test(`a ${name} frame of ${size} bytes is byte for byte what ws would send`, () => {
      const payload = Buffer.alloc(size, 0x61);
      const ours = frame(payload, opcode);
      assert.ok(ours.equals(wsFrame(payload, opcode)));
      payload.fill(0);
      assert.equal(ours.subarray(ours.length - size).includes(0), false, 'the frame has a copy of its own');
    });
  }
}

test('the payload may be a window into a larger buffer', () => {
  const window = Buffer.from('xxhelloxx').subarray(2, 7);
  assert.equal(frame(window, opcodes.text).toString('latin1'), '\x81\x05hello');
});
