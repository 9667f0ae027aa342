import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PushListItem } from '../../../../src/api/command.ts';
import { YunqueError } from '../../../../src/api/errors.ts';
import { planPublication } from '../../../../src/ingress/queue/plan.ts';
import { decodeBody } from '../../../../src/wire/pub/decode-body.ts';
import { type SendAct, sendActs } from '../../../../src/wire/pub/publication.ts';
import { type Publishing, publicationBytes, publicationRules } from '../../../support/publication.ts';

const rules = { batch: 3, idBytes: 8 };

function planOf(body: Buffer): PushListItem[] {
  return decodeBody(body, publicationRules).flatMap((publication) => planPublication(publication, rules));
}

/** Of the first message, and the number of messages. */
function plan(publishing: Publishing): Omit<PushListItem, 'message'> {
  const [first] = planOf(publicationBytes(publishing));
  assert.ok(first);
  const { message: _, ...rest } = first;
  return rest;
}

const act = (name: SendAct) => sendActs[name];
const users = (...uids: string[]) => ({ target: { to: 'users', uids } });
const connection = { target: { to: 'connections', ids: ['5'] } };
const everyone = { target: { to: 'system' } };

describe('acts of a MessagesPubProto', () => {
  test('absent: Uid, else Cid, else everyone', () => {
    assert.deepEqual(plan({ Uid: 'a,b', Cid: 5n }), users('a', 'b'));
    assert.deepEqual(plan({ Cid: 5n }), connection);
    assert.deepEqual(plan({}), everyone);
  });

  test('SENDALL, sent explicitly: everyone, whatever Uid and Cid say', () => {
    assert.deepEqual(plan({ act: act('SENDALL'), Uid: 'a', Cid: 5n }), everyone);
  });

  test('SENDUIDS and SENDUID: the users in Uid, whatever Cid says', () => {
    assert.deepEqual(plan({ act: act('SENDUIDS'), Uid: 'a,b', Cid: 5n }), users('a', 'b'));
    assert.deepEqual(plan({ act: act('SENDUID'), Uid: 'a,b' }), users('a', 'b'));
  });

  test('SENDUIDDID: connection Cid, if it belongs to a user in Uid', () => {
    const target = { to: 'userConnections', uids: ['a', 'b'], ids: ['5'] };
    assert.deepEqual(plan({ act: act('SENDUIDDID'), Uid: 'a,b', Cid: 5n }), { target });
  });

  test('SENDDID: connection Cid, whatever Uid says', () => {
    assert.deepEqual(plan({ act: act('SENDDID'), Uid: 'a', Cid: 5n }), connection);
  });

  test('SENDLIST: each message to its own receiver, whatever Uid says', () => {
    const msg = [{ receiver: 'x' }, { receiver: 'y' }];
    const items = planOf(publicationBytes({ act: act('SENDLIST'), Uid: 'a', Sid: 'n1', msg }));
    assert.deepEqual(
      items.map(({ message: _, ...item }) => item),
      [
        { ...users('x'), nodes: ['n1'] },
        { ...users('y'), nodes: ['n1'] },
      ],
    );
  });

  test('SENDOTHER: everyone except the users in Uid', () => {
    assert.deepEqual(plan({ act: act('SENDOTHER'), Uid: 'a,b' }), { ...everyone, exclude: { uids: ['a', 'b'] } });
    assert.deepEqual(plan({ act: act('SENDOTHER') }), everyone);
  });

  test('SENDROOM: the members of the rooms in Uid', () => {
    const target = { to: 'groups', groups: ['r1', 'r2'] };
    assert.deepEqual(plan({ act: act('SENDROOM'), Uid: 'r1,r2' }), { target });
  });

  test('Sid filled: only connections on those nodes, with every act', () => {
    for (const name of Object.keys(sendActs) as SendAct[]) {
      const { nodes } = plan({ act: act(name), Uid: 'a', Cid: 5n, Sid: 'n1, n2' });
      assert.deepEqual(nodes, ['n1', 'n2'], name);
    }
    assert.deepEqual(plan({ Sid: 'n1' }).nodes, ['n1']);
    assert.equal('nodes' in plan({}), false);
  });

  test('every message goes to the same, in order', () => {
    const items = planOf(publicationBytes({ Uid: 'a', msg: [{ title: '1' }, { title: '2' }, { title: '3' }] }));
    assert.equal(items.length, 3);
    const titles = items.map(
      ({ message }) => message.kind === 'encoded' && (message.message as { title: string }).title,
    );
    assert.deepEqual(titles, ['1', '2', '3']);
  });

  test('lists of names lose blanks and empty places', () => {
    assert.deepEqual(plan({ Uid: ' a,, b c ,' }), users('a', 'b c'));
  });

  test('what names nobody where it must, or not as it may, is refused with the field', () => {
    const cases: readonly [string, Publishing][] = [
      ['Uid', { act: act('SENDUIDS') }],
      ['Uid', { act: act('SENDUID') }],
      ['Uid', { act: act('SENDUIDDID'), Cid: 5n }],
      ['Cid', { act: act('SENDUIDDID'), Uid: 'a' }],
      ['Cid', { act: act('SENDDID'), Uid: 'a' }],
      ['Cid', { act: act('SENDDID'), Cid: -5n }],
      ['Cid', { Cid: 2n ** 53n }],
      ['Uid', { act: act('SENDROOM') }],
      ['Uid', { Uid: ',' }],
      ['Uid', { Uid: ' ' }],
      ['Uid', { act: act('SENDOTHER'), Uid: ',,' }],
      ['Uid', { Uid: 'a,b,c,d' }],
      ['Uid', { Uid: 'a,123456789' }],
      ['Uid', { Uid: '云雀云' }],
      ['Sid', { Uid: 'a', Sid: ',' }],
      ['Sid', { Uid: 'a', Sid: 'a,b,c,d' }],
      ['msg', { Uid: 'a', msg: [] }],
      ['msg', { act: act('SENDALL'), msg: [] }],
      ['msg[1].receiver', { act: act('SENDLIST'), msg: [{ receiver: 'a' }, { receiver: '' }] }],
      ['msg[0].receiver', { act: act('SENDLIST'), msg: [{ receiver: '123456789' }] }],
    ];
    for (const [field, publishing] of cases) {
      assert.throws(
        () => plan(publishing),
        (error) => error instanceof YunqueError && error.code === 'bad_request' && error.field === field,
        `${field} of ${String(publishing.Uid)} ${String(publishing.act)}`,
      );
    }
    const inList = Buffer.from('[{"act":"SENDALL","msg":[{}]},{"act":"SENDLIST","msg":[{"receiver":"a"},{}]}]');
    assert.throws(() => planOf(inList), { field: '[1].msg[1].receiver' });
  });
});

describe('receivers of go-websocket’s push', () => {
  const to = (text: string) => planOf(Buffer.from(text)).map(({ message: _, ...item }) => item);

  test('are a client, several, a group or everyone', () => {
    assert.deepEqual(to('{"clientId":"c1"}'), [{ target: { to: 'connections', ids: ['c1'] } }]);
    assert.deepEqual(to('{"clientIds":["c1","c2"]}'), [{ target: { to: 'connections', ids: ['c1', 'c2'] } }]);
    assert.deepEqual(to('{"groupName":"g"}'), [{ target: { to: 'groups', groups: ['g'] } }]);
    assert.deepEqual(to('{"systemId":"s"}'), [everyone]);
  });

  test('are no more and no longer than allowed', () => {
    assert.throws(() => to('{"clientIds":["1","2","3","4"]}'), { field: 'clientIds' });
    assert.throws(() => to('{"groupName":"123456789"}'), { field: 'groupName' });
    assert.throws(() => to('[{"clientId":"123456789"}]'), { field: '[0].clientId' });
  });
});
