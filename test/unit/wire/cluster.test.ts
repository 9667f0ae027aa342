import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { YunqueError } from '../../../src/api/errors.ts';
import type { Message } from '../../../src/api/message.ts';
import type { Target } from '../../../src/api/target.ts';
import {
  batchKinds,
  clusterVersion,
  decodeEnvelope,
  encodeEnvelope,
  UnknownEnvelope,
} from '../../../src/wire/cluster/envelope.ts';
import { decodeGroupNotice, encodeGroupNotice } from '../../../src/wire/cluster/group-notice.ts';
import { decodePush, encodePush } from '../../../src/wire/cluster/push.ts';
import { decodeReceipt, encodeReceipt } from '../../../src/wire/cluster/receipt.ts';
import { decodeRoute, encodeRoute } from '../../../src/wire/cluster/route.ts';
import { DecodeError } from '../../../src/wire/codec.ts';
import { createRandom, pick } from '../../support/random.ts';

const messageId = '00000000000000ff';
const proto = {
  messageId,
  id: 2n ** 63n - 1n,
  action: 'act',
  sender: 's',
  receiver: 'r',
  title: '题',
} as const;
const messages: Message[] = [
  {
    kind: 'push',
    messageId,
    sendUserId: '',
    code: -1.5e300,
    msg: '云雀 🐦',
    data: '{"a": 1.0, "b":12345678901234567890}',
  },
  {
    ...proto,
    kind: 'proto',
    content: new Map([
      ['10', 'ten'],
      ['2', ''],
      ['', '__proto__'],
      ['__proto__', 'x'],
    ]),
    extra: new Map(),
    sendTime: -(2n ** 63n),
    image: '',
  },
  { ...proto, kind: 'cim', content: '{}', extra: 'e', format: 'json', timestamp: 0n },
  { kind: 'notice', messageId, code: 1002, clientId: 'c', userId: 'u', extend: '' },
  { kind: 'replaced', messageId, uid: 'u', deviceName: 'd' },
];
const targets: Target[] = [
  { to: 'connections', ids: ['1', 'x'] },
  { to: 'users', uids: [] },
  { to: 'userConnections', uids: ['u'], ids: ['2'] },
  { to: 'device', uid: 'u', deviceId: '' },
  { to: 'groups', groups: ['g', ''] },
  { to: 'system' },
];

const valid: { readonly bytes: Buffer; readonly decode: (bytes: Buffer) => unknown }[] = [
  ...messages.map((message) => ({
    bytes: encodePush({ system: 's', target: { to: 'system' }, message, nodes: [], exclude: { uids: ['a'], ids: [] } }),
    decode: decodePush,
  })),
  {
    bytes: encodeReceipt({ matched: 3, delivered: 1, queued: 1, dropped: { closing: 2 }, offline: ['a'], unknown: [] }),
    decode: decodeReceipt,
  },
  {
    bytes: encodeRoute({ out: true, system: 's', uid: 'u', node: 'n', cid: 2 ** 53 - 1, sequence: 2 ** 52 + 1 }),
    decode: decodeRoute,
  },
  {
    bytes: encodeGroupNotice({
      system: 's',
      group: 'g',
      cid: 7,
      message: { kind: 'notice', messageId, code: 1001, clientId: 'c', userId: 'u', extend: 'e' },
      silent: true,
    }),
    decode: decodeGroupNotice,
  },
  { bytes: encodeEnvelope({ type: 'note', name: 'n', body: { a: [1] } }), decode: decodeEnvelope },
  { bytes: encodeEnvelope({ type: 'failure', error: new YunqueError('unknown_user') }), decode: decodeEnvelope },
  {
    bytes: encodeEnvelope({ type: 'batch', kind: 'pushes', items: [Buffer.from('a'), Buffer.alloc(0)] }),
    decode: decodeEnvelope,
  },
];

describe('what nodes say to each other', () => {
  test('carries every kind of message and target as it was', () => {
    for (const message of messages) {
      for (const target of targets) {
        const push = { system: 'a:b', target, message };
        assert.deepEqual(decodePush(encodePush(push)), push);
      }
    }
    const more = {
      system: 's',
      target: targets[5] as Target,
      message: messages[0] as Message,
      nodes: ['n1'],
      exclude: { uids: ['u'], ids: ['1'] },
      class: { name: 'ticks', key: 'k' },
    };
    assert.deepEqual(decodePush(encodePush(more)), more);
    assert.deepEqual(decodePush(encodePush({ ...more, nodes: [] })).nodes, []);
    const content = (decodePush(encodePush({ ...more, message: messages[1] as Message })).message as never)['content'];
    assert.deepEqual([...(content as Map<string, string>).keys()], ['10', '2', '', '__proto__']);
  });

  test('carries receipts, refusals, routes and notices', () => {
    const receipt = {
      matched: 9,
      delivered: 5,
      queued: 2,
      dropped: { slow_consumer: 4 },
      offline: ['x'],
      unknown: ['y'],
    };
    assert.deepEqual(decodeReceipt(encodeReceipt(receipt)), receipt);
    const refusal = decodeReceipt(encodeReceipt(new YunqueError('limit_reached', 'too many')));
    assert.ok(refusal instanceof YunqueError);
    assert.deepEqual([refusal.code, refusal.message], ['limit_reached', 'too many']);
    const route = { out: false, system: 's', uid: 'u', node: 'n', cid: 2 ** 53 - 1, sequence: 2 ** 52 + 1 };
    assert.deepEqual(decodeRoute(encodeRoute(route)), route);
    const error = new YunqueError('bad_request', 'm', { field: 'f', hint: 'h', problems: ['p'], retryAfterSeconds: 3 });
    const envelope = decodeEnvelope(encodeEnvelope({ type: 'failure', error }));
    assert.ok(envelope.type === 'failure');
    const { code, message, field, hint, problems, retryAfterSeconds } = envelope.error;
    assert.deepEqual(
      [code, message, field, hint, problems, retryAfterSeconds],
      ['bad_request', 'm', 'f', 'h', ['p'], 3],
    );
  });

  test('begins with its version and type, whose numbers never change', () => {
    const heads = [
      ...batchKinds.map((kind) => encodeEnvelope({ type: 'batch', kind, items: [] })),
      encodeEnvelope({ type: 'note', name: 'n', body: null }),
      encodeEnvelope({ type: 'done' }),
      encodeEnvelope({ type: 'failure', error: new YunqueError('internal') }),
    ];
    assert.deepEqual(
      heads.map((bytes) => [...bytes.subarray(0, 2)]),
      [1, 2, 3, 4, 5, 6, 7].map((type) => [2, type]),
    );
    assert.deepEqual(batchKinds, ['pushes', 'receipts', 'routes', 'notices']);
  });

  test('of a newer version or an unknown type is recognised as such', () => {
    for (const [version, type] of [
      [clusterVersion + 1, 1],
      [clusterVersion, 99],
      [0, 5],
    ] as const) {
      assert.throws(
        () => decodeEnvelope(Buffer.of(version, type, 1, 2, 3)),
        (error) => error instanceof UnknownEnvelope && error.version === version && error.typeByte === type,
      );
    }
  });

  test('decodes hostile bytes to something or to one DecodeError, and never to anything else', () => {
    const random = createRandom(11);
    let refused = 0;
    for (let n = 0; n < 20_000; n += 1) {
      const { bytes, decode } = valid[pick(random, valid.length)] ?? valid[0] ?? assert.fail();
      const mutant = mutate(bytes, random);
      try {
        decode(mutant);
      } catch (error) {
        refused += 1;
        assert.ok(error instanceof DecodeError, `${mutant.toString('hex')}: ${error}`);
      }
    }
    assert.ok(refused > 1000, `${refused} refused`);
  });
});

function mutate(bytes: Buffer, random: () => number): Buffer {
  const mutant = Buffer.from(bytes);
  switch (pick(random, 4)) {
    case 0:
      return mutant.subarray(0, pick(random, mutant.length + 1));
    case 1:
      for (let n = 0; n < 3 && mutant.length > 0; n += 1) mutant[pick(random, mutant.length)] = pick(random, 256);
      return mutant;
    case 2:
      return Buffer.from(Array.from({ length: pick(random, 40) }, () => pick(random, 256)));
    default:
      return Buffer.concat([mutant, mutant.subarray(pick(random, mutant.length + 1))]);
  }
}
