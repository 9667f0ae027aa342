import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialects } from '../../../src/api/dialect.ts';
import type { Message } from '../../../src/api/message.ts';
import { codecs } from '../../../src/wire/codecs/index.ts';
import { type Codecs, PreparedMessage } from '../../../src/wire/prepared-message.ts';
import { samplePush, sampleReplaced } from '../../support/messages.ts';
import { wsFrame } from '../../support/ws-frame.ts';

/** The codecs, counting what they encode. */
function countingCodecs(): { counted: Codecs; encoded: string[] } {
  const encoded: string[] = [];
  const counting = dialects.map((dialect) => {
    const encode = (message: Message) => {
      encoded.push(dialect);
      return codecs[dialect].encode(message);
    };
    return [dialect, { ...codecs[dialect], encode }];
  });
  return { counted: Object.fromEntries(counting) as Codecs, encoded };
}

test('every receiver of a dialect gets the same buffer, encoded once and only when somebody needs it', () => {
  const { counted, encoded } = countingCodecs();
  const prepared = new PreparedMessage(samplePush, counted);
  assert.deepEqual(encoded, []);
  const first = prepared.frameFor('yunque');
  assert.ok(first !== undefined);
  for (let i = 0; i < 100; i++) assert.equal(prepared.frameFor('yunque'), first);
  assert.deepEqual(encoded, ['yunque']);
  prepared.frameFor('json');
  assert.deepEqual(encoded, ['yunque', 'json']);
});

test('that a dialect has no form for a message is found out once', () => {
  const { counted, encoded } = countingCodecs();
  const prepared = new PreparedMessage(sampleReplaced, counted);
  assert.equal(prepared.frameFor('json'), undefined);
  assert.equal(prepared.frameFor('json'), undefined);
  assert.deepEqual(encoded, ['json']);
});

test('the frame is text or binary as the dialect is', () => {
  for (const dialect of dialects) {
    const payload = codecs[dialect].encode(samplePush) ?? Buffer.alloc(0);
    const expected = wsFrame(payload, codecs[dialect].binary ? 2 : 1);
    assert.equal(new PreparedMessage(samplePush, codecs).frameFor(dialect)?.toString('hex'), expected.toString('hex'));
  }
});
