import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CimMessage, Message, ProtoMessage } from '../../../src/api/message.ts';
import { toCim, toProto } from '../../../src/wire/mapping.ts';
import { sampleCim, sampleNotice, sampleProto, samplePush, sampleReplaced } from '../../support/messages.ts';

const noProto = { kind: 'proto', id: 0n, action: '', sender: '', receiver: '', title: '', sendTime: 0n, image: '' };
const emptyProto = { ...noProto, content: new Map(), extra: new Map() } as unknown as ProtoMessage;
const emptyCim = {
  ...{ kind: 'cim', id: 0n, action: '', content: '', sender: '', receiver: '', extra: '', title: '', format: '' },
  timestamp: 0n,
} as unknown as CimMessage;

const asProto: [string, Message, ProtoMessage][] = [
  [
    'a push: action push, content as text, data as its JSON text',
    samplePush,
    {
      ...emptyProto,
      messageId: samplePush.messageId,
      action: 'push',
      sender: 'u1',
      content: new Map([
        ['code', '7'],
        ['msg', 'hi "云雀"'],
        ['data', '{"price": 1.0, "big":9007199254740993}'],
      ]),
    },
  ],
  [
    'a notice: its code as action, its fields as content',
    sampleNotice,
    {
      ...emptyProto,
      messageId: sampleNotice.messageId,
      action: '1001',
      content: new Map([
        ['clientId', 'c1'],
        ['userId', 'u1'],
        ['extend', '{"vip":true}'],
      ]),
    },
  ],
  [
    'a CIM message: content and extra under their own names',
    sampleCim,
    {
      ...emptyProto,
      messageId: sampleCim.messageId,
      id: 42n,
      action: '2',
      content: new Map([['content', '你好']]),
      sender: '0',
      receiver: '1001',
      extra: new Map([['extra', 'x']]),
      title: 't',
      sendTime: 1_720_000_000_000n,
    },
  ],
  [
    'a replaced login: 999 from 0 to the user, with the name of the device',
    sampleReplaced,
    {
      ...emptyProto,
      messageId: sampleReplaced.messageId,
      action: '999',
      sender: '0',
      receiver: '1001',
      content: new Map([['deviceName', '火狐']]),
    },
  ],
];

for (const [name, message, expected] of asProto) {
  test(`to a yunque receiver, ${name}`, () => assert.deepEqual(toProto(message), expected));
}

const asCim: [string, Message, CimMessage][] = [
  [
    'a push: its JSON as content',
    samplePush,
    {
      ...emptyCim,
      messageId: samplePush.messageId,
      action: 'push',
      sender: 'u1',
      content: '{"code":7,"msg":"hi \\"云雀\\"","data":{"price": 1.0, "big":9007199254740993}}',
      format: 'json',
    },
  ],
  [
    'a MessageProto: its maps as JSON text',
    sampleProto,
    {
      kind: 'cim',
      messageId: sampleProto.messageId,
      id: 748n,
      action: 'chat',
      content: '{"text":"hello","nested":"{\\"a\\":[1,2.50]}"}',
      sender: '1001',
      receiver: '1002',
      extra: '{"k":"v"}',
      title: 'a title',
      format: 'json',
      timestamp: 1_720_000_000_000n,
    },
  ],
  [
    'a notice: its data as JSON text',
    { ...sampleNotice, code: 1002 },
    {
      ...emptyCim,
      messageId: sampleNotice.messageId,
      action: '1002',
      content: '{"clientId":"c1","userId":"u1","extend":"{\\"vip\\":true}"}',
      format: 'json',
    },
  ],
  [
    'a replaced login: 999 from 0 to the user, the name of the device as plain text',
    sampleReplaced,
    { ...emptyCim, messageId: sampleReplaced.messageId, action: '999', sender: '0', receiver: '1001', content: '火狐' },
  ],
];

for (const [name, message, expected] of asCim) {
  test(`to a cim receiver, ${name}`, () => assert.deepEqual(toCim(message), expected));
}

test('a message of its own dialect is passed on untouched', () => {
  assert.equal(toProto(sampleProto), sampleProto);
  assert.equal(toCim(sampleCim), sampleCim);
});

test('a CIM message without extra has an empty extra map', () => {
  assert.equal(toProto({ ...sampleCim, extra: '' }).extra.size, 0);
});
