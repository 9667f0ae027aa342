import type {
  CimMessage,
  Message,
  NoticeMessage,
  ProtoMessage,
  PushMessage,
  ReplacedMessage,
} from '../../src/api/message.ts';

/** One of each kind, with every field filled; tests override what they look at. */
export const samplePush: PushMessage = {
  kind: 'push',
  messageId: '5b4646dd8328f4b1',
  sendUserId: 'u1',
  code: 7,
  msg: 'hi "云雀"',
  data: '{"price": 1.0, "big":9007199254740993}',
};

export const sampleProto: ProtoMessage = {
  kind: 'proto',
  messageId: '5b4646dd8328f4b2',
  id: 748n,
  action: 'chat',
  content: new Map([
    ['text', 'hello'],
    ['nested', '{"a":[1,2.50]}'],
  ]),
  sender: '1001',
  receiver: '1002',
  extra: new Map([['k', 'v']]),
  title: 'a title',
  sendTime: 1_720_000_000_000n,
  image: 'a.png',
};

export const sampleCim: CimMessage = {
  kind: 'cim',
  messageId: '5b4646dd8328f4b3',
  id: 42n,
  action: '2',
  content: '你好',
  sender: '0',
  receiver: '1001',
  extra: 'x',
  title: 't',
  format: 'text',
  timestamp: 1_720_000_000_000n,
};

export const sampleNotice: NoticeMessage = {
  kind: 'notice',
  messageId: '5b4646dd8328f4b4',
  code: 1001,
  clientId: 'c1',
  userId: 'u1',
  extend: '{"vip":true}',
};

export const sampleReplaced: ReplacedMessage = {
  kind: 'replaced',
  messageId: '5b4646dd8328f4b5',
  uid: '1001',
  deviceName: '火狐',
};

export const sampleMessages: readonly Message[] = [samplePush, sampleProto, sampleCim, sampleNotice, sampleReplaced];

const oddTexts = [
  '',
  '\0',
  '"\\\n',
  '云雀 👩‍🚀',
  '\ud800',
  'a\udc00',
  '__proto__',
  'x'.repeat(127),
  '中'.repeat(100),
  'y'.repeat(70_000),
];
const oddIntegers = [0n, -1n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 70n];

/** Every kind with values at the edges of what its types allow. */
export const oddMessages: readonly Message[] = oddTexts.flatMap((text, index): Message[] => {
  const integer = oddIntegers[index % oddIntegers.length] ?? 0n;
  const map = new Map([
    [text, text],
    ['', ''],
    ['10', 'ten'],
    ['9', 'nine'],
    ['__proto__', text],
  ]);
  const data = JSON.stringify(text);
  return [
    { kind: 'push', messageId: text, sendUserId: text, code: Number.MIN_SAFE_INTEGER, msg: text, data },
    { ...sampleProto, ...{ id: integer, action: text, content: map, sender: text, receiver: text }, sendTime: integer },
    { ...sampleProto, ...{ extra: map, content: new Map(), title: text, image: text } },
    { ...sampleCim, ...{ id: integer, action: text, content: text, extra: text, format: text }, timestamp: integer },
    { kind: 'notice', messageId: text, code: 1002, clientId: text, userId: text, extend: text },
    { kind: 'replaced', messageId: text, uid: text, deviceName: text },
  ];
});
