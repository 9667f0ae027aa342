import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../../../../src/api/message.ts';
import { type Codec, DecodeError, type Reply } from '../../../../src/wire/codec.ts';
import { codecs } from '../../../../src/wire/codecs/index.ts';
import { cim, yunque } from '../../../../src/wire/proto/messages.js';
import { cpuMsOf } from '../../../support/cpu-time.ts';
import { sampleCim, sampleProto } from '../../../support/messages.ts';
import { vector, vectorFrame } from '../../../support/vectors.ts';

const emptyProto: Message = {
  ...sampleProto,
  ...{ id: 0n, action: '', content: new Map(), sender: '', receiver: '', extra: new Map(), title: '', sendTime: 0n },
  image: '',
};
const emptyCim: Message = {
  ...sampleCim,
  ...{ id: 0n, action: '', content: '', sender: '', receiver: '', extra: '', title: '', format: '', timestamp: 0n },
};
const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);

const messages: Record<string, Message> = {
  'yunque.MessageProto.full': {
    ...sampleProto,
    content: new Map([
      ['nested', '{"a":[1,2.50]}'],
      ['text', 'hello'],
    ]),
    image: 'https://example.org/a.png',
  },
  'yunque.MessageProto.empty': emptyProto,
  'yunque.MessageProto.int64-max': { ...emptyProto, id: int64Max, sendTime: 9007199254740993n },
  'yunque.MessageProto.int64-min': { ...emptyProto, id: int64Min, sendTime: -1n },
  'yunque.MessageProto.odd-keys': {
    ...emptyProto,
    content: new Map([
      ['', ''],
      ['10', 'ten'],
      ['9', 'nine'],
      ['__proto__', 'polluted'],
      ['constructor', 'c'],
      ['toString', ''],
    ]),
    extra: new Map([['__proto__', '']]),
  },
  'yunque.MessageProto.unicode': {
    ...emptyProto,
    action: '云雀',
    content: new Map([['问候', '你好，世界 👩‍🚀 é \0\n']]),
    sender: '😀',
    title: 'Ωß"\\',
  },
  'cim.Message.full': sampleCim,
  'cim.Message.empty': emptyCim,
  'cim.Message.int64-extremes': { ...emptyCim, id: int64Min, timestamp: int64Max },
};

for (const [name, message] of Object.entries(messages)) {
  test(`${name} is encoded as protoc encodes it`, () => {
    const codec = name.startsWith('cim') ? codecs.cim : codecs.yunque;
    assert.equal(codec.encode(message)?.toString('hex'), vectorFrame(2, name).toString('hex'));
  });
}

const replies: Record<string, Reply> = {
  'yunque.ReplyBodyProto.bind': {
    key: 'client_bind',
    code: '200',
    message: 'ok',
    timestamp: 1_720_000_000_000n,
    data: new Map([
      ['cid', '9007199254740991'],
      ['sid', 'node-1'],
    ]),
  },
  'cim.ReplyBody.refused': {
    key: 'client_handshake',
    code: '401',
    message: '登录无效',
    timestamp: -1n,
    data: new Map(),
  },
};

for (const [name, reply] of Object.entries(replies)) {
  test(`${name} is encoded as protoc encodes it`, () => {
    for (const codec of [codecs.yunque, codecs.cim]) {
      assert.equal(codec.encodeReply(reply).toString('hex'), vectorFrame(4, name).toString('hex'));
    }
  });
}

const requests = {
  'yunque.SendBodyProto.bind': {
    key: 'client_bind',
    timestamp: 1_720_000_000_000n,
    data: {
      ...{ appVersion: '1.0.0', channel: 'web', deviceId: '0f8fad5b-d9cb-469f-a165-70867728950e', deviceName: '火狐' },
      ...{ language: 'zh', osVersion: '128', packageName: 'com.example', uid: '1001' },
    },
  },
  'yunque.SendBodyProto.empty': { key: '', timestamp: 0n, data: {} },
  'yunque.SendBodyProto.int64-max': { key: 'k', timestamp: int64Max, data: {} },
  'yunque.SendBodyProto.int64-min': { key: 'k', timestamp: int64Min, data: {} },
  'yunque.SendBodyProto.odd-keys': {
    key: '__proto__',
    timestamp: 0n,
    data: { '': '', ['__proto__']: 'polluted', constructor: 'c', hasOwnProperty: 'h' },
  },
  'cim.SentBody.bind': {
    key: 'client_bind',
    timestamp: 1_720_000_000_000n,
    data: { channel: 'android', uid: '1001' },
  },
  'future.SendBodyProto.unknown-fields': { key: 'k', timestamp: 7n, data: { uid: '1001' } },
};

for (const [name, { key, timestamp, data }] of Object.entries(requests)) {
  test(`${name} is decoded from the bytes of protoc`, () => {
    for (const codec of [codecs.yunque, codecs.cim]) {
      const expected = { type: 'request', key, timestamp, data: new Map(Object.entries(data)) };
      assert.deepEqual(codec.decode(vectorFrame(3, name), true), expected);
    }
    assert.equal(({} as { polluted?: string }).polluted, undefined);
  });
}

test('every beginning of a request is decoded or refused, never misread beyond its end', () => {
  const whole = vectorFrame(3, 'yunque.SendBodyProto.bind');
  const padded = Buffer.concat([whole, Buffer.alloc(64, 0x61)]);
  for (let length = 1; length < whole.length; length++) {
    const part = padded.subarray(0, length);
    let decoded: unknown;
    try {
      decoded = codecs.yunque.decode(part, true);
    } catch (error) {
      assert.ok(error instanceof DecodeError);
      continue;
    }
    assert.ok(!JSON.stringify([...(decoded as { data: Map<string, string> }).data]).includes('aaaa'));
  }
});

/** A body after the type byte of SENT. */
const sent = (hex: string) => Buffer.from(`03${hex.replaceAll(' ', '')}`, 'hex');

const malformed = {
  'a varint of eleven bytes': sent('10 ffffffffffffffffffff01'),
  'a varint that never ends': sent(`10${'ff'.repeat(100)}`),
  'a length beyond the frame': sent('0a 7f 61'),
  'a length of 4 GiB': sent('0a ffffffff0f'),
  'a negative length': sent('0a ffffffffffffffffff01'),
  'a map entry longer than its field': sent('1a 03 0a 05 61'),
  'field number 0': sent('00 00'),
  'wire type 6': sent('0e 00'),
  'wire type 7': sent('0f 00'),
  'a group that does not end': sent('23 08 01'),
  'a group ended by another number': sent('23 2c'),
  'an end of group alone': sent('24'),
  'groups nested a thousand deep': sent(`${'23'.repeat(1000)}${'24'.repeat(1000)}`),
  'a key that is not UTF-8': sent('0a 02 ff fe'),
  'an overlong encoding': sent('0a 02 c0 80'),
  'a surrogate in UTF-8': sent('0a 03 ed a0 80'),
};

for (const [name, payload] of Object.entries(malformed)) {
  test(`a request with ${name} is a DecodeError`, () => {
    for (const codec of [codecs.yunque, codecs.cim]) assert.throws(() => codec.decode(payload, true), DecodeError);
  });
}

test('fields of the wrong wire type, repeated ones and a bare group are read as protobuf says', () => {
  const decode = (hex: string) => codecs.yunque.decode(sent(hex), true);
  const empty = { type: 'request', key: '', timestamp: 0n, data: new Map() };
  assert.deepEqual(decode('08 05'), empty, 'key as a varint is an unknown field');
  assert.deepEqual(decode('0a 01 61 0a 01 62'), { ...empty, key: 'b' }, 'the last key wins');
  assert.deepEqual(decode('1a 00'), { ...empty, data: new Map([['', '']]) }, 'an entry without key and value');
  assert.deepEqual(decode('1a 06 0a0161 120162 1a 06 0a0161 120163').type, 'request');
  assert.deepEqual(decode('23 08 01 24'), empty, 'an unknown group');
  assert.deepEqual(decode('10 ffffffff1f'), { ...empty, timestamp: 0x1ffffffffn });
});

test('types that only servers send, unknown types and nothing at all are DecodeErrors', () => {
  for (const codec of [codecs.yunque, codecs.cim]) {
    for (const type of [1, 2, 4, 5, 127, 128, 255])
      assert.throws(() => codec.decode(Buffer.from([type]), true), DecodeError);
    assert.throws(() => codec.decode(Buffer.alloc(0), true), DecodeError);
    assert.throws(() => codec.decode(Buffer.from('PONG'), false), DecodeError);
  }
});

test('the heartbeat is a PING and its answer a PONG with any body', () => {
  for (const codec of [codecs.yunque, codecs.cim]) {
    assert.equal(codec.ping?.toString('latin1'), '\x01PING');
    assert.equal(codec.pong, undefined);
    for (const body of ['PONG', '', 'x']) {
      assert.deepEqual(codec.decode(Buffer.from(`\0${body}`), true), { type: 'pong' });
    }
  }
});

test('a request of a hundred thousand map entries is decoded in moderate time', async () => {
  const entries = Array.from({ length: 100_000 }, (_, i) => ({ [`k${i}`]: 'v' }));
  const body = yunque.SendBodyProto.encode({ data: Object.assign({}, ...entries) }).finish();
  const cpuMs = await cpuMsOf(() => {
    const decoded = codecs.yunque.decode(Buffer.concat([Buffer.from([3]), body]), true);
    assert.equal(decoded.type === 'request' && decoded.data.size, 100_000);
  });
  assert.ok(cpuMs < 5000, `${cpuMs} ms`);
});

/** What a receiver reads: half a surrogate pair must not make the message unreadable. */
const readers: [Codec, (body: Buffer) => { title: string }][] = [
  [codecs.yunque, (body) => yunque.MessageProto.decode(body)],
  [codecs.cim, (body) => cim.Message.decode(body)],
];

test('half a surrogate pair becomes a replacement character that strict readers take', () => {
  for (const [codec, read] of readers) {
    for (const message of [sampleProto, sampleCim]) {
      const content = message.kind === 'cim' ? 'x\udc00' : new Map([['k\ud800', 'v\ud800']]);
      const payload = codec.encode({ ...message, title: 'a\ud800b', content } as Message) ?? Buffer.alloc(0);
      assert.equal(read(payload.subarray(1)).title, 'a\ufffdb');
    }
  }
});

test('MessagesPubProto tells an absent act from SENDALL, and keeps Cid exact', () => {
  const toAll = yunque.MessagesPubProto.decode(vector('yunque.MessagesPubProto.to-all'));
  assert.equal(toAll.act, yunque.SendActProto.SENDALL);
  assert.deepEqual(
    toAll.msg.map((message) => [message.id?.low, message.receiver]),
    [
      [1, ''],
      [2, '1002'],
    ],
  );
  const noAct = yunque.MessagesPubProto.decode(vector('yunque.MessagesPubProto.no-act'));
  assert.equal(noAct.act, null);
  assert.equal(noAct.Cid.toString(), '9007199254740993');
});
