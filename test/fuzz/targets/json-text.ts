import assert from 'node:assert/strict';
import { YunqueError } from '../../../src/api/errors.ts';
import { splitObject } from '../../../src/util/raw-json.ts';
import { parseMessageProto } from '../../../src/wire/message-json.ts';
import { splitArray } from '../../support/split-array.ts';
import { makeJson, mutate } from '../mutate.ts';
import { pureTarget, type Random, type Target } from '../target.ts';

const names = ['id', 'action', 'content', 'sender', 'receiver', 'extra', 'title', 'sendTime', 'image', 'data'];
const object = Buffer.from(
  '{"id":748,"action":"chat","content":{"text":"hello","nested":{"a":[1,2.50]}},"sender":"1","receiver":"2",' +
    '"extra":{"k":null},"title":"云\\n\\u4e91","sendTime":"1720000000000","image":""}',
);
const samples = [object, Buffer.from('{}'), Buffer.from(`{"a":${'['.repeat(31)}${']'.repeat(31)}}`)];
const arrays = [Buffer.from(`[${object}, ${object}]`), Buffer.from('[]'), Buffer.from('[1,-0.5e+3,"x",true,null]')];

export const jsonTargets: readonly Target[] = [
  pureTarget('splitObject', 125_000, fromSamples(samples), (input) => {
    judge(
      input,
      (text) => splitObject(text).values(),
      (value) => !Array.isArray(value),
    );
  }),
  pureTarget('splitArray', 125_000, fromSamples(arrays), (input) => {
    judge(input, splitArray, Array.isArray);
  }),
  pureTarget('parseMessageProto', 125_000, fromSamples(samples), (input) => {
    try {
      const message = parseMessageProto(input.toString(), 'id', 'message.');
      assert.equal(BigInt.asIntN(64, message.id), message.id);
      assert.equal(BigInt.asIntN(64, message.sendTime), message.sendTime);
    } catch (error) {
      if (!(error instanceof YunqueError) || error.code !== 'bad_request') throw error;
    }
  }),
];

function fromSamples(given: readonly Buffer[]) {
  return (random: Random) => (random() < 0.3 ? Buffer.from(makeJson(random, names)) : mutate(random, given));
}

/** Taken and refused exactly where JSON.parse does it, but for depth. */
function judge(input: Buffer, split: (text: string) => Iterable<string>, isShape: (value: object) => boolean): void {
  const text = input.toString();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const isExpected = typeof parsed === 'object' && parsed !== null && isShape(parsed);
  let parts: Iterable<string>;
  try {
    parts = split(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    assert.ok(!isExpected || error.message.startsWith('nested too deeply'), `refused: ${error.message}`);
    return;
  }
  assert.ok(isExpected, 'taken, and JSON.parse does not');
  for (const part of parts) JSON.parse(part);
}
