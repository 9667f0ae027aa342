import assert from 'node:assert/strict';
import test from 'node:test';
import { messageId, type Reactions, startDoors } from './harness.ts';

const receipt = { messageId, matched: 0, delivered: 0, offline: [], unknown: [] };
const membership = { matched: 0, changed: 0, unknown: [] };

/** What each command answers where nobody was found, and a node that may have them did not answer. */
const results = (missing: { readonly missingNodes?: readonly string[] }): Reactions => ({
  push: () => ({ ...receipt, missingNodes: [], ...missing }),
  pushList: () => ({ total: 1, delivered: 0, offline: [], missingNodes: [], ...missing }),
  join: () => ({ ...membership, ...missing }),
  leave: () => ({ ...membership, ...missing }),
  kick: () => ({ matched: 0, closed: 0, ...missing }),
  online: () => ({ users: {}, connections: {}, ...missing }),
  listClientIds: () => ({ clientIds: ['a'], ...missing }),
  listConnections: () => ({ items: [], total: 0, ...missing }),
});

const pushed = { messageId };
const sent = { id: 0, messageId, matched: 0, delivered: 0 };

/** Path, body, and the `data` where all nodes answered. */
const goWebsocket = [
  ['/api/send_to_client', { clientId: 'c' }, pushed],
  ['/api/send_to_clients', { clientIds: ['c'] }, pushed],
  ['/api/send_to_group', { groupName: 'g' }, pushed],
  ['/api/send_to_system', {}, pushed],
  ['/api/bind_to_group', { clientId: 'c', groupName: 'g' }, []],
  ['/api/unbind_from_group', { clientId: 'c', groupName: 'g' }, []],
  ['/api/get_online_list', { groupName: 'g' }, { count: 1, list: ['a'] }],
  ['/api/is_online', { clientId: 'c' }, { online: false, connections: 0 }],
  ['/api/is_online', { userId: 'u' }, { online: false, connections: 0 }],
] as const;

const yunqueSocket = [
  ['/send', { receiver: 'u' }, sent],
  ['/send/all', {}, sent],
  ['/send/toUids', { message: {}, uids: ['u'] }, { ...sent, offline: [] }],
  ['/send/sendList', [{ receiver: 'u' }], { total: 1, delivered: 0, offline: [] }],
  ['/getOnlineUser', {}, { count: 0, list: [], cursor: null }],
  ['/room/join', { room: 'r', uids: ['u'] }, membership],
  ['/room/leave', { room: 'r', uids: ['u'] }, membership],
] as const;

for (const [path, body, data] of [...goWebsocket, ...yunqueSocket]) {
  test(`${path} (${JSON.stringify(body)}) names the nodes that did not answer, and has no such field where all did`, async (t) => {
    const whole = await startDoors(t, results({}));
    const { data: usual } = JSON.parse((await whole.post(path, JSON.stringify(body))).text);
    assert.deepEqual(usual, data);
    const lacking = await startDoors(t, results({ missingNodes: ['n2', 'n3'] }));
    const answer = await lacking.post(path, JSON.stringify(body));
    assert.equal(answer.status, 200);
    const { data: told } = JSON.parse(answer.text);
    assert.deepEqual(told, { ...data, missingNodes: ['n2', 'n3'] });
  });
}

test('close_client does not say that a client is unknown which a node that did not answer may hold', async (t) => {
  const whole = await startDoors(t, results({}));
  const body = '{"clientId":"c"}';
  assert.deepEqual(JSON.parse((await whole.post('/api/close_client', body)).text).code, -1);
  const lacking = await startDoors(t, results({ missingNodes: ['n2'] }));
  const answer = JSON.parse((await lacking.post('/api/close_client', body)).text);
  assert.deepEqual(answer, { code: 0, msg: 'success', data: { missingNodes: ['n2'] } });
});

test("CIM's call names them beside the message's id, which is all its data", async (t) => {
  const path = '/api/message/send?sender=0&receiver=u&action=2';
  const whole = await startDoors(t, results({}));
  assert.equal((await whole.post(path, '')).text, '{"code":200,"data":1700000000000}');
  const lacking = await startDoors(t, results({ missingNodes: ['n2'] }));
  assert.equal((await lacking.post(path, '')).text, '{"code":200,"data":1700000000000,"missingNodes":["n2"]}');
});
