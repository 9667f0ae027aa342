import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import type { Command, Execute, PushCommand } from '../../../../src/api/command.ts';
import { errorTable, YunqueError } from '../../../../src/api/errors.ts';
import { grpcStatusOf } from '../../../../src/ingress/grpc/refusal.ts';
import { openGrpcDoor, type Refused, type Row } from '../../../support/grpc-door.ts';

const push = { push: { send_user_id: 'shop', code: '7', msg: 'hi', data: ' {"a": 1.0} ' } };
const toAnn = { users: { uids: ['ann'] } };

async function refusalOf(
  call: Promise<unknown>,
): Promise<{ code: status; trailer(name: string): unknown; words: string }> {
  const error: Refused = await call.then(
    () => assert.fail('it was not refused'),
    (refused) => refused,
  );
  return { code: error.code, words: error.details, trailer: (name) => error.metadata.get(name)[0] };
}

describe('the push API over gRPC', () => {
  it('reaches everybody that a command can name', async (t) => {
    const door = await openGrpcDoor(t);
    const client = await door.client();
    const cases: [Row, PushCommand['target']][] = [
      [{ connections: { ids: ['c1', 'c2'] } }, { to: 'connections', ids: ['c1', 'c2'] }],
      [toAnn, { to: 'users', uids: ['ann'] }],
      [{ user_connections: { uids: ['ann'], ids: ['7'] } }, { to: 'userConnections', uids: ['ann'], ids: ['7'] }],
      [{ device: { uid: 'ann', device_id: 'd1' } }, { to: 'device', uid: 'ann', deviceId: 'd1' }],
      [{ groups: { groups: ['g1', 'g2'] } }, { to: 'groups', groups: ['g1', 'g2'] }],
      [{ everyone: {} }, { to: 'system' }],
    ];
    for (const [target, expected] of cases) {
      await client.call('Send', { target, ...push });
      assert.deepEqual((door.commands.at(-1) as PushCommand).target, expected);
    }
    await client.call('Send', {
      target: toAnn,
      exclude: { uids: ['bob'], ids: ['9'] },
      nodes: ['n1'],
      class: { name: 'prices', key: 'gold' },
      ...push,
    });
    assert.deepEqual(door.commands.at(-1), {
      type: 'push',
      door: 'grpc',
      system: 'default',
      target: { to: 'users', uids: ['ann'] },
      exclude: { uids: ['bob'], ids: ['9'] },
      nodes: ['n1'],
      class: { name: 'prices', key: 'gold' },
      message: {
        kind: 'push',
        messageId: '0000000000000006',
        sendUserId: 'shop',
        code: 7,
        msg: 'hi',
        data: '{"a": 1.0}',
      },
    } satisfies Command);
  });

  it('takes the messages of yunque-socket and CIM, with every int64', async (t) => {
    const door = await openGrpcDoor(t);
    const client = await door.client();
    const texts = { action: 'a', sender: 's', receiver: 'r', title: 't' };
    const proto = { ...texts, id: '-9223372036854775808', content: { a: '1', __proto: 'x' }, extra: {}, image: 'i' };
    await client.call('Send', { target: toAnn, proto: { ...proto, sendTime: '9223372036854775807' } });
    assert.deepEqual((door.commands.at(-1) as PushCommand).message, {
      kind: 'proto',
      messageId: '0000000000000000',
      ...texts,
      id: -(2n ** 63n),
      content: new Map([
        ['a', '1'],
        ['__proto', 'x'],
      ]),
      extra: new Map(),
      image: 'i',
      sendTime: 2n ** 63n - 1n,
    });
    const cim = { ...texts, content: 'c', extra: 'e', format: 'f' };
    await client.call('Send', { target: toAnn, cim: { ...cim, id: '1', timestamp: '2' } });
    assert.deepEqual((door.commands.at(-1) as PushCommand).message, {
      kind: 'cim',
      messageId: '0000000000000001',
      ...cim,
      id: 1n,
      timestamp: 2n,
    });
  });

  it('answers with the receipt', async (t) => {
    const execute = async () => ({
      messageId: 'm',
      matched: 5,
      delivered: 3,
      queued: 1,
      stored: 0,
      dropped: { closing: 2 },
      missingNodes: ['n9'],
      offline: ['bob'],
      unknown: ['c9'],
    });
    const client = await (await openGrpcDoor(t, { execute: execute as unknown as Execute })).client();
    assert.deepEqual(await client.call('Send', { target: toAnn, ...push }), {
      message_id: 'm',
      matched: 5,
      delivered: 3,
      queued: 1,
      dropped: { closing: 2 },
      missing_nodes: ['n9'],
      offline: ['bob'],
      unknown: ['c9'],
    });
  });

  it('hands a batch on in one go, or refuses all of it naming the item', async (t) => {
    const door = await openGrpcDoor(t);
    const client = await door.client();
    const items = ['ann', 'bob'].map((uid) => ({ target: { users: { uids: [uid] } }, ...push }));
    const answer = await client.call('SendBatch', { items, class: { name: 'prices' } });
    assert.deepEqual([answer['total'], answer['message_ids']], [2, ['0000000000000000', '0000000000000001']]);
    const [command] = door.commands;
    assert.ok(door.commands.length === 1 && command?.type === 'pushList');
    assert.deepEqual(
      command.items.map(({ target }) => target),
      [
        { to: 'users', uids: ['ann'] },
        { to: 'users', uids: ['bob'] },
      ],
    );
    assert.deepEqual(command.class, { name: 'prices' });
    const wrong = await refusalOf(client.call('SendBatch', { items: [items[0], { target: {}, ...push }] }));
    assert.deepEqual([wrong.code, wrong.trailer('yunque-field')], [status.INVALID_ARGUMENT, 'items[1].target']);
    const many = await refusalOf(client.call('SendBatch', { items: Array(1001).fill(items[0]) }));
    assert.match(many.words, /items must not have more than 1000 entries/);
    const classed = await refusalOf(client.call('SendBatch', { items: [{ ...items[0], class: { name: 'x' } }] }));
    assert.equal(classed.trailer('yunque-field'), 'items[0].class');
    assert.equal(door.commands.length, 1);
  });

  it('says which field is wrong', async (t) => {
    const door = await openGrpcDoor(t);
    const client = await door.client();
    const cases: [Row, string][] = [
      [{ ...push }, 'target'],
      [{ target: {}, ...push }, 'target'],
      [{ target: { users: {} }, ...push }, 'target.users.uids'],
      [{ target: { users: { uids: [''] } }, ...push }, 'target.users.uids'],
      [{ target: { users: { uids: ['x'.repeat(257)] } }, ...push }, 'target.users.uids'],
      [{ target: { users: { uids: Array(1001).fill('x') } }, ...push }, 'target.users.uids'],
      [{ target: { device: { uid: 'ann' } }, ...push }, 'target.device.device_id'],
      [{ target: { user_connections: { uids: ['a'] } }, ...push }, 'target.user_connections.ids'],
      [{ target: toAnn }, 'message'],
      [{ target: toAnn, push: { data: 'no json' } }, 'push.data'],
      [{ target: toAnn, push: { data: '1 2' } }, 'push.data'],
      [{ target: toAnn, push: { data: '"\\ud800"' } }, 'push.data'],
      [{ target: toAnn, push: { data: '['.repeat(33) + ']'.repeat(33) } }, 'push.data'],
      [{ target: toAnn, push: { code: '9007199254740993' } }, 'push.code'],
      [{ target: toAnn, ...push, class: { key: 'x' } }, 'class.name'],
      [{ target: toAnn, ...push, exclude: { uids: [''] } }, 'exclude.uids'],
      [{ target: toAnn, ...push, nodes: [''] }, 'nodes'],
    ];
    for (const [request, field] of cases) {
      const { code, trailer } = await refusalOf(client.call('Send', request));
      assert.deepEqual([code, trailer('yunque-code'), trailer('yunque-field')], [3, 'bad_request', field], field);
    }
    assert.deepEqual(door.commands, []);
    assert.equal(door.refusals.length, cases.length);
    assert.deepEqual(door.refusals[0], { error: 'bad_request', what: '/yunque.v1.Push/Send' });
  });

  it('has a status for every row of the error table', () => {
    for (const code of Object.keys(errorTable) as (keyof typeof errorTable)[]) {
      assert.notEqual(grpcStatusOf(code), status.UNKNOWN, code);
      assert.notEqual(grpcStatusOf(code), status.OK, code);
    }
  });

  it('tells code, hint and when to come again, and nothing of a fault of ours', async (t) => {
    let error: Error = new YunqueError('unavailable', 'later – please', {
      hint: 'in a while ’ 100 %',
      retryAfterSeconds: 3,
      missingNodes: ['n1', 'n2'],
    });
    const door = await openGrpcDoor(t, { execute: () => Promise.reject(error) });
    const client = await door.client();
    const later = await refusalOf(client.call('Send', { target: toAnn, ...push }));
    assert.deepEqual([later.code, later.words], [status.UNAVAILABLE, 'later – please; in a while ’ 100 %']);
    assert.equal(decodeURIComponent(String(later.trailer('yunque-hint'))), 'in a while ’ 100 %');
    assert.equal(later.trailer('grpc-retry-pushback-ms'), '3000');
    assert.equal(later.trailer('yunque-missing-nodes'), 'n1, n2');
    error = new TypeError('the secret inside');
    const fault = await refusalOf(client.call('Send', { target: toAnn, ...push }));
    assert.deepEqual([fault.code, fault.trailer('yunque-code')], [status.INTERNAL, 'internal']);
    assert.doesNotMatch(fault.words, /secret/);
    assert.deepEqual(door.faults, [error]);
  });

  it('joins, leaves, kicks and tells who is online', async (t) => {
    const door = await openGrpcDoor(t);
    const client = await door.client();
    const members = { connections: { ids: ['c1'] } };
    const joined = await client.call('Join', { group: 'g', members, user_id: 'u', extend: 'e' });
    assert.deepEqual(joined, { matched: 1, changed: 1, unknown: [], missing_nodes: [] });
    await client.call('Leave', { group: 'g', members: toAnn });
    assert.deepEqual(await client.call('Kick', { target: toAnn, reason: 'enough' }), {
      matched: 2,
      closed: 1,
      missing_nodes: [],
    });
    assert.deepEqual((await client.call('Online', { uids: ['ann'] }))['users'], { ann: 2 });
    assert.deepEqual(door.commands, [
      {
        type: 'join',
        system: 'default',
        group: 'g',
        members: { by: 'connections', ids: ['c1'] },
        userId: 'u',
        extend: 'e',
      },
      { type: 'leave', system: 'default', group: 'g', members: { by: 'users', uids: ['ann'] } },
      { type: 'kick', system: 'default', target: { to: 'users', uids: ['ann'] }, reason: 'enough' },
      { type: 'online', system: 'default', uids: ['ann'] },
    ]);
    for (const [method, request, field] of [
      ['Join', { members }, 'group'],
      ['Join', { group: 'g' }, 'members'],
      ['Leave', { group: 'g', members: { users: {} } }, 'members.users.uids'],
      ['Kick', { target: toAnn, reason: 'x'.repeat(101) }, 'reason'],
      ['Online', {}, 'uids'],
    ] as const) {
      assert.equal((await refusalOf(client.call(method, request))).trailer('yunque-field'), field);
    }
  });

  it('refuses what is too large, and bytes that are no message', async (t) => {
    const limits = { bodyBytes: 2048, bodiesBytes: 5000, batch: 10, jsonDepth: 32, idBytes: 256 };
    const door = await openGrpcDoor(t, { limits });
    const client = await door.client();
    const large = { target: toAnn, push: { msg: 'x'.repeat(3000) } };
    assert.equal((await refusalOf(client.call('Send', large))).code, status.RESOURCE_EXHAUSTED);
    // 4096 bytes for the call, and 904 for its message.
    const crowding = { target: toAnn, push: { msg: 'x'.repeat(1000) } };
    const full = await refusalOf(client.call('Send', crowding));
    assert.deepEqual([full.code, full.words.includes('limits.bodies')], [status.UNAVAILABLE, true]);
    const broken = await new Promise<{ code?: number; details?: string } | null>((resolve) => {
      const asIs = (bytes: Buffer) => bytes;
      client.raw.makeUnaryRequest('/yunque.v1.Push/Send', asIs, asIs, Buffer.from([0xff, 0xff]), resolve);
    });
    assert.equal(broken?.code, status.INVALID_ARGUMENT);
    assert.match(broken?.details ?? '', /cannot be read.*yunque proto push/);
  });
});
