import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { YunqueError } from '../../../../src/api/errors.ts';
import { askerOf, fakeExecute, receiptOf, requestOf, uplinkOf } from './fakes.ts';

const alice = askerOf({ uid: 'alice', system: 'shop', cid: 9, rooms: ['r1', 'r2'] });

describe('the key chat', () => {
  test('sends the rest of the data to the user it names, from the user of the connection, whatever the data says', async () => {
    const { execute, pushed } = fakeExecute(receiptOf({ matched: 2, delivered: 1 }));
    const { uplink } = uplinkOf({ chat: true, execute });
    const data = { to: 'bob', sender: 'root', text: 'hi', action: '999', system: 'bank' };
    assert.deepEqual(await uplink.ask(requestOf('chat', alice, data)), {
      code: '200',
      message: 'success',
      data: '{"messageId":"m1","matched":2,"delivered":1}',
    });
    const [push] = pushed;
    assert.ok(push?.message.kind === 'proto');
    assert.deepEqual([push.type, push.door, push.system], ['push', 'client', 'shop']);
    assert.deepEqual([push.target, push.exclude], [{ to: 'users', uids: ['bob'] }, undefined]);
    const { action, sender, receiver, content, sendTime, id } = push.message;
    assert.deepEqual([action, sender, receiver, id], ['chat', 'alice', 'bob', 0n]);
    assert.deepEqual(Object.fromEntries(content), { sender: 'root', text: 'hi', action: '999', system: 'bank' });
    assert.ok(Math.abs(Number(sendTime) - Date.now()) < 60_000);
  });

  test('takes receiver for to, and refuses two that differ, or none', async () => {
    const { execute, pushed } = fakeExecute();
    const { codeOf } = uplinkOf({ chat: true, execute });
    assert.equal(await codeOf('chat', alice, { receiver: 'bob' }), '200');
    assert.equal(await codeOf('chat', alice, { receiver: 'bob', to: 'bob' }), '200');
    assert.equal(await codeOf('chat', alice, { receiver: 'bob', to: 'eve' }), '400');
    assert.equal(await codeOf('chat', alice, { to: '' }), '400');
    assert.equal(await codeOf('chat', alice), '400');
    assert.equal(pushed.length, 2);
  });

  test('is answered 404 where the receiver is offline, and 503 where nobody knows', async () => {
    const offline = fakeExecute(receiptOf({ matched: 0, delivered: 0 }));
    assert.equal(await uplinkOf({ chat: true, ...offline }).codeOf('chat', alice, { to: 'bob' }), '404');
    const unknown = fakeExecute(receiptOf({ matched: 0, delivered: 0, missingNodes: ['n2'] }));
    assert.equal(await uplinkOf({ chat: true, ...unknown }).codeOf('chat', alice, { to: 'bob' }), '503');
  });

  test('is for users: a connection that nobody is bound to is answered 401', async () => {
    const { execute, pushed } = fakeExecute();
    const { codeOf } = uplinkOf({ chat: true, chatRoom: true, execute });
    const nobody = askerOf({ rooms: ['r1'] });
    assert.equal(await codeOf('chat', nobody, { to: 'bob' }), '401');
    assert.equal(await codeOf('chat_room', nobody, { room: 'r1' }), '401');
    assert.deepEqual(pushed, []);
  });

  test('is answered with what the push was refused for; a fault of ours is told to the operator only', async () => {
    const refused = fakeExecute(new YunqueError('unavailable', 'too much waits'));
    assert.equal(await uplinkOf({ chat: true, ...refused }).codeOf('chat', alice, { to: 'bob' }), '503');
    const broken = uplinkOf({ chat: true, ...fakeExecute(new Error('secret detail')) });
    const answer = await broken.uplink.ask(requestOf('chat', alice, { to: 'bob' }));
    assert.deepEqual([answer.code, JSON.stringify(answer).includes('secret')], ['500', false]);
    assert.deepEqual(broken.faults, ['chat: secret detail']);
  });
});

describe('the key chat_room', () => {
  test('sends to a room that the connection is a member of, to all but the connection itself', async () => {
    const { execute, pushed } = fakeExecute(receiptOf({ matched: 0, delivered: 0 }));
    const { codeOf } = uplinkOf({ chatRoom: true, execute });
    assert.equal(await codeOf('chat_room', alice, { room: 'r2', text: 'hi' }), '200');
    assert.equal(await codeOf('chat_room', alice, { group: 'r1' }), '200');
    const [first, second] = pushed;
    assert.deepEqual(
      [first?.system, first?.target, first?.exclude],
      ['shop', { to: 'groups', groups: ['r2'] }, { ids: ['9'] }],
    );
    assert.deepEqual(second?.target, { to: 'groups', groups: ['r1'] });
    assert.ok(first?.message.kind === 'proto');
    assert.deepEqual(
      [first.message.action, first.message.sender, first.message.receiver],
      ['chat_room', 'alice', 'r2'],
    );
    assert.deepEqual([...first.message.content], [['text', 'hi']]);
  });

  test('is refused with 403 to those who are no members, with 400 without a room', async () => {
    const { execute, pushed } = fakeExecute();
    const { codeOf } = uplinkOf({ chatRoom: true, execute });
    assert.equal(await codeOf('chat_room', alice, { room: 'r3' }), '403');
    assert.equal(await codeOf('chat_room', askerOf({ uid: 'eve' }), { room: 'r1' }), '403');
    assert.equal(await codeOf('chat_room', alice), '400');
    assert.deepEqual(pushed, []);
  });
});

test('both keys are off until they are switched on, each by itself', async () => {
  const { execute, pushed } = fakeExecute();
  assert.equal(await uplinkOf({ execute }).codeOf('chat', alice, { to: 'bob' }), '404');
  assert.equal(await uplinkOf({ chat: true, execute }).codeOf('chat_room', alice, { room: 'r1' }), '404');
  assert.equal(await uplinkOf({ chatRoom: true, execute }).codeOf('chat', alice, { to: 'bob' }), '404');
  assert.deepEqual(pushed, []);
});
