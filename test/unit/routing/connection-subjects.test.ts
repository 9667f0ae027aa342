import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeEvent } from '../../../src/api/event.ts';
import { standingSubjects } from '../../../src/routing/connection-subjects.ts';
import { createFakeNode, settled } from '../../support/fake-node.ts';

const withoutEnvelope = ({ sequence, time, node, ...subject }: NodeEvent) => subject;

test('events of a bound connection say its user and device to the end; what stands is told again as it was told', async () => {
  const node = createFakeNode();
  const connection = node.connect();
  await node.sessions.bind(connection, { uid: 'alice', deviceId: 'd1', deviceName: 'phone', channel: 'ios' }, () => {});
  await node.execute({
    type: 'join',
    system: connection.system,
    group: 'room',
    members: { by: 'users', uids: ['alice'] },
    userId: '4711',
    extend: 'x',
  });
  await settled();
  const emitted = node.seen.map(withoutEnvelope);
  assert.deepEqual(
    emitted.map(({ type }) => type),
    ['connected', 'bound', 'joined'],
  );
  for (const event of emitted) {
    assert.ok('uid' in event && 'deviceId' in event && 'channel' in event);
    assert.deepEqual([event.uid, event.deviceId, event.channel], ['alice', 'd1', 'ios']);
  }
  const [joined] = emitted.slice(2);
  assert.ok(joined?.type === 'joined');
  assert.deepEqual([joined.group, joined.userId, joined.extend], ['room', '4711', 'x']);
  const standing = [...standingSubjects(node.registry)];
  assert.deepEqual(
    standing.map(({ type }) => type),
    ['connected', 'bound', 'joined'],
  );
  await node.sessions.close(connection, 1006, '');
  const gone = node.seen.find(({ type }) => type === 'disconnected');
  assert.ok(gone?.type === 'disconnected');
  assert.deepEqual([gone.uid, gone.deviceId, gone.channel], ['alice', 'd1', 'ios']);
  assert.deepEqual([...standingSubjects(node.registry)], []);
});
