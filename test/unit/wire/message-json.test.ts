import assert from 'node:assert/strict';
import { test } from 'node:test';
import { YunqueError } from '../../../src/api/errors.ts';
import { splitObject } from '../../../src/util/raw-json.ts';
import {
  findMessageProtos,
  messageProtoJson,
  parseMessageProto,
  parsePushFields,
} from '../../../src/wire/message-json.ts';

const messageId = '5b4646dd8328f4b1';

function refusal(call: () => unknown): YunqueError {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof YunqueError, String(error));
    assert.equal(error.code, 'bad_request');
    return error;
  }
  return assert.fail('not refused');
}

test('a MessageProto keeps every field, nested values as their JSON text and strings as themselves', () => {
  const body =
    '{"id":748,"action":"chat","content":{"text":"a\\n中","n":1.0,"big":9007199254740993,"o":{"x" : [1, 2]},"z":null},' +
    '"sender":"1","receiver":"2","extra":{"k":true},"title":"t","sendTime":"1720000000000","image":"i","other":{"a":1}}';
  assert.deepEqual(parseMessageProto(body, messageId), {
    kind: 'proto',
    messageId,
    id: 748n,
    action: 'chat',
    content: new Map([
      ['text', 'a\n中'],
      ['n', '1.0'],
      ['big', '9007199254740993'],
      ['o', '{"x" : [1, 2]}'],
      ['z', 'null'],
    ]),
    sender: '1',
    receiver: '2',
    extra: new Map([['k', 'true']]),
    title: 't',
    sendTime: 1_720_000_000_000n,
    image: 'i',
  });
});

test("absent fields and nulls have protobuf's defaults", () => {
  const empty = parseMessageProto('{}', messageId);
  assert.deepEqual(empty, {
    ...{ kind: 'proto', messageId, id: 0n, action: '', content: new Map(), sender: '', receiver: '' },
    ...{ extra: new Map(), title: '', sendTime: 0n, image: '' },
  });
  const nulls = Object.fromEntries(Object.keys(empty).map((name) => [name, null]));
  assert.deepEqual(parseMessageProto(JSON.stringify(nulls), messageId), empty);
});

test('__proto__ in content is a key like any other', () => {
  const { content } = parseMessageProto('{"content":{"__proto__":{"polluted":1}}}', messageId);
  assert.equal(content.get('__proto__'), '{"polluted":1}');
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

test('an int64 is exact as a string, up to both ends of its range', () => {
  for (const id of ['9223372036854775807', '-9223372036854775808', '9007199254740993', '0', '-1']) {
    assert.equal(parseMessageProto(`{"id":"${id}"}`, messageId).id, BigInt(id));
    assert.equal(parseMessageProto(`{"sendTime":"${id}"}`, messageId).sendTime, BigInt(id));
  }
});

test('a number literal is taken up to 2^53 - 1 and refused beyond, with the advice to send a string', () => {
  assert.equal(parseMessageProto('{"id":9007199254740991}', messageId).id, 9007199254740991n);
  assert.equal(parseMessageProto('{"id":-9007199254740991}', messageId).id, -9007199254740991n);
  assert.equal(parseMessageProto('{"id":-0}', messageId).id, 0n);
  for (const literal of ['9007199254740992', '9007199254740993', '-9007199254740992', '1'.repeat(400)]) {
    const error = refusal(() => parseMessageProto(`{"id":${literal}}`, messageId));
    assert.equal(error.field, 'id');
    assert.match(error.message, /^id .*string/);
  }
});

const wrongTypes = {
  id: ['1.5', '1.0', '1e3', 'true', '[]', '{}', '"x"', '""', '"1.0"', '"9223372036854775808"'],
  sendTime: ['0.1', 'false', '"now"'],
  action: ['1', 'true', '[]', '{}'],
  sender: ['1001'],
  receiver: ['1002'],
  title: ['[]'],
  image: ['0'],
  content: ['"text"', '[]', '1', 'true'],
  extra: ['"{}"', '[]'],
};

for (const [name, values] of Object.entries(wrongTypes)) {
  test(`${name} of a wrong type is refused by name and never converted`, () => {
    for (const value of values) {
      const error = refusal(() => parseMessageProto(`{"${name}":${value}}`, messageId));
      assert.equal(error.field, name, value);
      assert.ok(error.message.startsWith(`${name} must be `), error.message);
    }
  });
}

test('the field of a message inside another body is named with its place', () => {
  assert.equal(refusal(() => parseMessageProto('{"title":1}', messageId, 'message.')).field, 'message.title');
  assert.equal(refusal(() => parseMessageProto('[]', messageId, 'message.')).field, 'message');
});

test('text that is not a JSON object is refused with the place of the fault', () => {
  for (const text of ['', '[]', '"x"', '{"id":1', '{"id":1,}', `${'{"content":'.repeat(40)}1`]) {
    assert.match(
      refusal(() => parseMessageProto(text, messageId)).message,
      /^the body must be a JSON object: .*character \d+/,
    );
  }
});

test('a refusal does not repeat a long value', () => {
  assert.ok(refusal(() => parseMessageProto(`{"id":"${'x'.repeat(10_000)}"}`, messageId)).message.length < 200);
});

test('what is written for json receivers is read back as the same message', () => {
  const content = new Map([
    ['__proto__', 'x'],
    ['10', '{"a":1}'],
    ['9', '"\\\n中😀'],
    ['', ''],
  ]);
  const message = {
    ...parseMessageProto('{"action":"a","extra":{"k":"v"},"title":"t","sender":"s"}', messageId),
    ...{ id: 2n ** 63n - 1n, sendTime: 1_720_000_000_000n, content },
  };
  const text = messageProtoJson(message);
  assert.deepEqual(parseMessageProto(text, messageId), message);
  assert.ok(text.includes('"id":"9223372036854775807"') && text.includes('"sendTime":1720000000000'), text);
});

test('a push body gives its fields, data as it was written', () => {
  const fields = splitObject('{"clientId":"c","sendUserId":"u","code":-7,"msg":"m","data":{"a" : 1.0}}');
  assert.deepEqual(parsePushFields(fields), { sendUserId: 'u', code: -7, msg: 'm', data: '{"a" : 1.0}' });
  assert.deepEqual(parsePushFields(new Map()), { sendUserId: '', code: 0, msg: '', data: 'null' });
});

test('a push body with a wrong type is refused by name', () => {
  const cases = {
    sendUserId: ['1', '{}'],
    code: ['"0"', '1.5', '1.0', '1e2', '9007199254740992', 'true'],
    msg: ['0', '[]'],
  };
  for (const [name, values] of Object.entries(cases)) {
    for (const value of values) {
      assert.equal(refusal(() => parsePushFields(splitObject(`{"${name}":${value}}`))).field, name, value);
    }
  }
});

test('a message of a list is the message it is alone', () => {
  const bodies = [
    '{"id":1,"content":{"a":"b","n":1.0,"o":{"x" : [1, 2]}},"receiver":"x","receiver":"y"}',
    '{}',
    '{ "content" : null , "extra":{"":""},"unknown":[{"content":{}}] }',
    '{"content":{"first":"1"},"content":{"second":"\\u4e2d"}}',
  ];
  const found = findMessageProtos(` [ ${bodies.join(' , ')} ] `, 4);
  assert.equal(found.length, bodies.length);
  bodies.forEach((body, index) => {
    assert.deepEqual(found.parse(index, messageId), parseMessageProto(body, messageId));
  });
  // As JSON.parse has it: of members with the same name the last.
  assert.deepEqual(found.parse(3, messageId).content, new Map([['second', '中']]));
});

test('what is wrong with a message of a list is said with its place', () => {
  const found = findMessageProtos('[{},{"title":1},5,{"id":"x"},null,{"content":[]}]', 10);
  for (const [index, field] of [
    [1, '[1].title'],
    [2, '[2]'],
    [3, '[3].id'],
    [4, '[4]'],
    [5, '[5].content'],
  ] as const) {
    assert.equal(refusal(() => found.parse(index, messageId)).field, field);
  }
});

test('a list is gone through as a whole: what is no JSON, or nested too deeply, is found wherever it is', () => {
  for (const text of ['[{}', '[{},]', '{}', '', '[{"a":}]', '[{"content":{"a":1,}}]', '[{"content":{"a":[[1]]}}]']) {
    assert.throws(() => findMessageProtos(text, 1, 4), SyntaxError, text);
  }
  assert.equal(findMessageProtos('[{"content":{"a":[1]}}]', 1, 4).length, 1);
});

test('of a list that is too long all are counted, and all have to be JSON', () => {
  assert.equal(findMessageProtos(`[${'{},'.repeat(999)}{}]`, 10).length, 1000);
  assert.throws(() => findMessageProtos(`[${'{},'.repeat(999)}{]`, 10), SyntaxError);
});
