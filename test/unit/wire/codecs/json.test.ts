import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonCodec } from '../../../../src/wire/codecs/json.ts';
import { helloPayload, refusalPayload } from '../../../../src/wire/json-greetings.ts';
import { sampleCim, sampleNotice, sampleProto, samplePush, sampleReplaced } from '../../../support/messages.ts';

const textOf = (payload: Buffer | undefined) => payload?.toString();
const decode = (text: string) => jsonCodec.decode(Buffer.from(text), false);

test('a push has five fields in order, its data byte for byte', () => {
  assert.equal(
    textOf(jsonCodec.encode(samplePush)),
    '{"messageId":"5b4646dd8328f4b1","sendUserId":"u1","code":7,"msg":"hi \\"云雀\\"","data":{"price": 1.0, "big":9007199254740993}}',
  );
});

test('notices carry the words and the data of go-websocket', () => {
  assert.equal(
    textOf(jsonCodec.encode(sampleNotice)),
    '{"messageId":"5b4646dd8328f4b4","sendUserId":"","code":1001,"msg":"客户端上线","data":{"clientId":"c1","userId":"u1","extend":"{\\"vip\\":true}"}}',
  );
  assert.match(textOf(jsonCodec.encode({ ...sampleNotice, code: 1002 })) ?? '', /"code":1002,"msg":"客户端下线"/);
});

test('a MessageProto arrives as an object in data', () => {
  assert.equal(
    textOf(jsonCodec.encode(sampleProto)),
    '{"messageId":"5b4646dd8328f4b2","sendUserId":"1001","code":0,"msg":"chat","data":{"id":748,"action":"chat",' +
      '"content":{"text":"hello","nested":"{\\"a\\":[1,2.50]}"},"sender":"1001","receiver":"1002","extra":{"k":"v"},' +
      '"title":"a title","sendTime":1720000000000,"image":"a.png"}}',
  );
  const far = textOf(jsonCodec.encode({ ...sampleProto, id: 2n ** 63n - 1n, sendTime: -(2n ** 53n) })) ?? '';
  assert.ok(far.includes('"id":"9223372036854775807"') && far.includes('"sendTime":"-9007199254740992"'), far);
});

test('a CIM message arrives as an object in data', () => {
  assert.equal(
    textOf(jsonCodec.encode(sampleCim)),
    '{"messageId":"5b4646dd8328f4b3","sendUserId":"0","code":0,"msg":"2","data":{"id":42,"action":"2","content":"你好",' +
      '"sender":"0","receiver":"1001","extra":"x","title":"t","format":"text","timestamp":1720000000000}}',
  );
});

test('being replaced has no frame: the close code says it', () => {
  assert.equal(jsonCodec.encode(sampleReplaced), undefined);
});

test('a reply is code, msg, data and key, the code a number where it is one', () => {
  const reply = { key: 'k', code: '404', message: '无', timestamp: 5n, data: new Map([['a', '1.0']]) };
  assert.equal(textOf(jsonCodec.encodeReply(reply)), '{"code":404,"msg":"无","data":{"a":"1.0"},"key":"k"}');
  for (const code of ['', '007', '1.5', 'abc', '1'.repeat(20), '-0']) {
    assert.equal(JSON.parse(textOf(jsonCodec.encodeReply({ ...reply, code })) ?? '').code, code);
  }
});

test('greetings have the shapes of go-websocket', () => {
  assert.equal(helloPayload('AAE+/w==').toString(), '{"code":0,"msg":"success","data":{"clientId":"AAE+/w=="}}');
  assert.equal(
    refusalPayload('系统ID不能为空').toString(),
    '{"messageId":"","sendUserId":"","code":-1001,"msg":"系统ID不能为空","data":[]}',
  );
});

test('a ping is recognised and has an answer', () => {
  assert.deepEqual(decode('{"key":"ping"}'), { type: 'ping' });
  assert.deepEqual(decode(' { "key" : "pin\\u0067" } '), { type: 'ping' });
  assert.equal(textOf(jsonCodec.pong), '{"key":"pong"}');
  assert.equal(jsonCodec.ping, undefined);
});

test('a request keeps values that are not strings as their JSON text, and all of its data as it was written', () => {
  assert.deepEqual(decode('{"key":"chat","data":{"to":"1\\n","n":1.0,"o":{"a" : [1]},"z":null,"b":false},"more":1}'), {
    type: 'request',
    key: 'chat',
    timestamp: 0n,
    data: new Map([
      ['to', '1\n'],
      ['n', '1.0'],
      ['o', '{"a" : [1]}'],
      ['z', 'null'],
      ['b', 'false'],
    ]),
    json: '{"to":"1\\n","n":1.0,"o":{"a" : [1]},"z":null,"b":false}',
  });
});

test('anything else is ignored', () => {
  const texts = [
    '',
    'hello',
    'null',
    '[]',
    '"ping"',
    '{}',
    '{"key":"x"}',
    '{"key":1,"data":{}}',
    '{"key":"","data":{}}',
  ];
  const more = [
    '{"key":"x","data":[]}',
    '{"key":"x","data":"{}"}',
    '{"key":"x","data":null}',
    '{"key":"ping"',
    '{"data":{}}',
  ];
  for (const text of [...texts, ...more, '{"key":"x","data":'.repeat(50)]) {
    assert.deepEqual(decode(text), { type: 'ignored' }, text);
  }
  assert.deepEqual(jsonCodec.decode(Buffer.from('{"key":"ping"}'), true), { type: 'ignored' });
});
