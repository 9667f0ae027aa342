import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import protobuf from 'protobufjs/minimal.js';
import type { Dialect } from '../../../src/api/dialect.ts';
import type { ReplyData } from '../../../src/wire/codec.ts';
import { codecs } from '../../../src/wire/codecs/index.ts';
import { yunque } from '../../../src/wire/proto/messages.js';

const replyIn = (dialect: Dialect, data: ReplyData): Buffer =>
  codecs[dialect].encodeReply({ key: 'k', code: '200', message: 'm', timestamp: 5n, data });

function dataIn(dialect: 'yunque' | 'cim' | 'cim-json', data: ReplyData): Record<string, string> {
  const bytes = replyIn(dialect, data);
  if (dialect === 'cim-json') return JSON.parse(JSON.parse(bytes.toString()).content).data;
  assert.equal(bytes[0], 4);
  const reader = protobuf.Reader.create(bytes.subarray(1));
  return { ...yunque.ReplyBodyProto.decode(reader).data };
}

const cases: readonly [string, Record<string, string>][] = [
  [
    '{"a":"é","n": 1.0,"big":9007199254740993,"o":{"x" : [1]},"t":true}',
    { a: 'é', n: '1.0', big: '9007199254740993', o: '{"x" : [1]}', t: 'true' },
  ],
  [' {} ', {}],
  ['[1, {"a":2}]', { data: '[1, {"a":2}]' }],
  ['"te\\u0078t"', { data: 'text' }],
  ['1.50', { data: '1.50' }],
  ['null', {}],
];

describe('a reply whose data is JSON', () => {
  for (const [json, texts] of cases) {
    test(`${json} stays as it is in json, and is texts in the other dialects`, () => {
      assert.equal(replyIn('json', json).toString(), `{"code":200,"msg":"m","data":${json},"key":"k"}`);
      for (const dialect of ['yunque', 'cim', 'cim-json'] as const)
        assert.deepEqual(dataIn(dialect, json), texts, dialect);
    });
  }

  test('may be nested as deeply as it likes', () => {
    const json = `{"d":${'['.repeat(500)}${']'.repeat(500)}}`;
    assert.equal(dataIn('yunque', json)['d']?.length, 1000);
  });
});

test('a reply whose data is texts is an object of texts in json', () => {
  const reply = replyIn(
    'json',
    new Map([
      ['sid', 'n1'],
      ['n', '1'],
    ]),
  );
  assert.equal(reply.toString(), '{"code":200,"msg":"m","data":{"sid":"n1","n":"1"},"key":"k"}');
});
