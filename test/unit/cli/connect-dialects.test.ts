import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { dialects } from '../../../src/api/dialect.ts';
import { clientDialect } from '../../../src/cli/connect/dialects.ts';
import { parseRequestLine } from '../../../src/cli/connect/input.ts';
import { codecs } from '../../../src/wire/codecs/index.ts';

/** Bytes made by protoc, behind the type byte of the frame. */
function frameOf(type: number, vector: string): Buffer {
  const hex = readFileSync(new URL(`../../vectors/${vector}.hex`, import.meta.url), 'utf8').trim();
  return Buffer.concat([Buffer.from([type]), Buffer.from(hex, 'hex')]);
}

describe('what a yunque client hears', () => {
  const dialect = clientDialect('yunque');

  it('is every field of a message made by protoc', () => {
    const { type, json } = dialect.decode(frameOf(2, 'yunque.MessageProto.full'));
    assert.equal(type, 'message');
    assert.deepEqual(JSON.parse(json), {
      id: 748,
      action: 'chat',
      content: { nested: '{"a":[1,2.50]}', text: 'hello' },
      sender: '1001',
      receiver: '1002',
      extra: { k: 'v' },
      title: 'a title',
      sendTime: 1720000000000,
      image: 'https://example.org/a.png',
    });
  });

  it('is a message with its defaults where protoc wrote nothing', () => {
    const { json } = dialect.decode(frameOf(2, 'yunque.MessageProto.empty'));
    assert.deepEqual(JSON.parse(json), {
      id: 0,
      action: '',
      content: {},
      sender: '',
      receiver: '',
      extra: {},
      title: '',
      sendTime: 0,
      image: '',
    });
  });

  it('keeps an int64 beyond 2^53 as text', () => {
    assert.match(dialect.decode(frameOf(2, 'yunque.MessageProto.int64-max')).json, /"id":"9223372036854775807"/);
  });

  it('is a reply with its key and code', () => {
    const reply = dialect.decode(frameOf(4, 'yunque.ReplyBodyProto.bind'));
    assert.deepEqual([reply.type, reply.key, reply.code], ['reply', 'client_bind', '200']);
  });

  it('is a PING, answered with PONG', () => {
    assert.equal(dialect.decode(Buffer.from('\x01PING')).type, 'ping');
    assert.deepEqual(dialect.pong, Buffer.from('\0PONG'));
  });

  for (const bytes of [[], [9], [2, 0xff], [4, 10, 200]]) {
    it(`is not [${bytes}]`, () => assert.throws(() => dialect.decode(Buffer.from(bytes))));
  }
});

describe('what a cim client hears', () => {
  it('is every field of a message made by protoc', () => {
    const { json } = clientDialect('cim').decode(frameOf(2, 'cim.Message.full'));
    assert.deepEqual(JSON.parse(json), {
      id: 42,
      action: '2',
      content: '你好',
      sender: '0',
      receiver: '1001',
      extra: 'x',
      title: 't',
      format: 'text',
      timestamp: 1720000000000,
    });
  });
});

describe('what a cim-json client hears', () => {
  const { decode } = clientDialect('cim-json');
  const heard = (text: string) => decode(Buffer.from(text));

  it('is told by type: ping, message, reply', () => {
    assert.equal(heard('{"type":1}').type, 'ping');
    assert.deepEqual(heard('{"type":2,"content":"{\\"id\\":12345678901234567890}"}'), {
      type: 'message',
      json: '{"id":12345678901234567890}',
    });
    const reply = heard('{"type":4,"content":"{\\"key\\":\\"k\\",\\"code\\":\\"401\\",\\"message\\":\\"m\\"}"}');
    assert.deepEqual([reply.type, reply.key, reply.code, reply.message], ['reply', 'k', '401', 'm']);
  });

  for (const text of ['', '{}', '{"type":2}', '{"type":2,"content":"x"}', '{"type":7,"content":"{}"}']) {
    it(`is not ${text || 'nothing'}`, () => assert.throws(() => heard(text)));
  }
});

describe('what a json client hears', () => {
  for (const [text, type] of [
    ['{"code":0,"msg":"success","data":{"clientId":"x"}}', 'greeting'],
    ['{"messageId":"5b4646dd8328f4b1","sendUserId":"","code":0,"msg":"","data":1.0}', 'message'],
    ['{"messageId":"","sendUserId":"","code":-1001,"msg":"系统ID不正确","data":[]}', 'other'],
    ['{"code":404,"msg":"m","data":{},"key":"chat"}', 'reply'],
    ['{"key":"pong"}', 'pong'],
  ] as const) {
    it(`${text} is a ${type}, byte for byte`, () => {
      const frame = clientDialect('json').decode(Buffer.from(text));
      assert.deepEqual([frame.type, frame.json], [type, text]);
    });
  }
});

describe('a request', () => {
  for (const dialect of dialects) {
    it(`in ${dialect} is understood by the node`, () => {
      const request = clientDialect(dialect).request('chat', '{"to":"bob","n":{"a":[1.0]},"__proto__":"p"}', 5n);
      const isBinary = typeof request !== 'string';
      const frame = codecs[dialect].decode(Buffer.from(request as string), isBinary);
      assert.equal(frame.type, 'request');
      if (frame.type !== 'request') return;
      assert.equal(frame.key, 'chat');
      assert.deepEqual([...frame.data].sort(), [
        ['__proto__', 'p'],
        ['n', '{"a":[1.0]}'],
        ['to', 'bob'],
      ]);
    });

    it(`in ${dialect} takes an object only`, () => {
      for (const text of ['', '[]', '1', '{"a":}'])
        assert.throws(() => clientDialect(dialect).request('k', text, 0n), SyntaxError);
    });
  }
});

describe('a typed line', () => {
  for (const [line, expected] of [
    ['chat {"a":1.0}', { key: 'chat', dataText: '{"a":1.0}' }],
    ['  chat   ', { key: 'chat', dataText: '{}' }],
    ['{"key":"chat","data":{"a":1}}', { key: 'chat', dataText: '{"a":1}' }],
    ['{"key":"chat"}', { key: 'chat', dataText: '{}' }],
    ['   ', undefined],
  ] as const) {
    it(`"${line}" is ${JSON.stringify(expected)}`, () => assert.deepEqual(parseRequestLine(line), expected));
  }
  for (const line of ['chat [1]', 'chat {x', '{"data":{}}', '{"key":7}']) {
    it(`"${line}" is refused`, () => assert.throws(() => parseRequestLine(line), SyntaxError));
  }
});
