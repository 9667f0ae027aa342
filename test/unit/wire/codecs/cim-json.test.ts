import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecodeError } from '../../../../src/wire/codec.ts';
import { cimJsonCodec } from '../../../../src/wire/codecs/cim-json.ts';
import { sampleCim, samplePush } from '../../../support/messages.ts';

const decode = (text: string) => cimJsonCodec.decode(Buffer.from(text), false);

test('a message is type 2 with the Message as JSON text in content', () => {
  assert.equal(
    cimJsonCodec.encode(sampleCim)?.toString(),
    '{"type":2,"content":"{\\"id\\":42,\\"action\\":\\"2\\",\\"content\\":\\"你好\\",\\"sender\\":\\"0\\",\\"receiver\\":\\"1001\\",' +
      '\\"extra\\":\\"x\\",\\"title\\":\\"t\\",\\"format\\":\\"text\\",\\"timestamp\\":1720000000000}"}',
  );
});

test('JSON within JSON within JSON comes out as it went in', () => {
  const frame = JSON.parse(cimJsonCodec.encode(samplePush)?.toString() ?? '');
  const message = JSON.parse(frame.content);
  assert.equal(message.content, '{"code":7,"msg":"hi \\"云雀\\"","data":{"price": 1.0, "big":9007199254740993}}');
});

test('a reply is type 4 with the ReplyBody as JSON text in content', () => {
  const data = new Map([['sid', 'node-1']]);
  assert.equal(
    cimJsonCodec.encodeReply({ key: 'client_bind', code: '200', message: 'ok', timestamp: 5n, data }).toString(),
    '{"type":4,"content":"{\\"key\\":\\"client_bind\\",\\"code\\":\\"200\\",\\"message\\":\\"ok\\",\\"timestamp\\":5,\\"data\\":{\\"sid\\":\\"node-1\\"}}"}',
  );
});

test('the heartbeat is type 1, its answer type 0 with or without content', () => {
  assert.equal(cimJsonCodec.ping?.toString(), '{"type":1}');
  assert.equal(cimJsonCodec.pong, undefined);
  assert.deepEqual(decode('{"type":0,"content":"PONG"}'), { type: 'pong' });
  assert.deepEqual(decode('{"type":0}'), { type: 'pong' });
});

test('a request is type 3 with the SentBody as JSON text in content', () => {
  const content = '{"key":"client_bind","timestamp":"9223372036854775807","data":{"uid":"1001","n":1.0},"more":[]}';
  assert.deepEqual(decode(JSON.stringify({ content, type: 3 })), {
    type: 'request',
    key: 'client_bind',
    timestamp: 2n ** 63n - 1n,
    data: new Map([
      ['uid', '1001'],
      ['n', '1.0'],
    ]),
  });
  assert.deepEqual(decode('{"type":3,"content":"{}"}'), { type: 'request', key: '', timestamp: 0n, data: new Map() });
});

test('everything else is a DecodeError', () => {
  const types = ['1', '2', '4', '5', '-1', '3.0', '0.0', '00', '"3"', 'null', '{}'];
  const contents = [
    '{}',
    'null',
    '3',
    '""',
    '"[]"',
    '"{"',
    '"{\\"key\\":1}"',
    '"{\\"data\\":\\"x\\"}"',
    '"{\\"timestamp\\":1e3}"',
  ];
  const texts = [
    ...types.map((type) => `{"type":${type},"content":"{}"}`),
    ...contents.map((content) => `{"type":3,"content":${content}}`),
    ...['', 'PONG', '[]', '{}', '{"type":3}', '{"content":"{}"}'],
  ];
  for (const text of texts) assert.throws(() => decode(text), DecodeError, text);
  assert.throws(() => cimJsonCodec.decode(Buffer.from('{"type":0}'), true), DecodeError);
});
