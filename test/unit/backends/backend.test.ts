import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BackendState, BackendStatus } from '../../../src/backends/backend.ts';

test('tells each change once, with its reason, and counts attempts and outages', async () => {
  const status = new BackendStatus();
  const changes: [BackendState, string | undefined][] = [];
  const stop = status.onState((state, failure) => changes.push([state, failure]));
  const settled = status.settled();
  assert.equal(status.attempt(), 1);
  status.fail('refused');
  status.fail('refused');
  status.fail('no route');
  assert.equal(status.attempt(), 2);
  status.ready();
  status.ready();
  status.fail('cut');
  assert.deepEqual(changes, [
    ['failing', 'refused'],
    ['failing', 'no route'],
    ['ready', undefined],
    ['failing', 'cut'],
  ]);
  assert.deepEqual([await settled, status.attempts, status.outages], ['failing', 2, 1]);
  stop();
  status.ready();
  assert.equal(changes.length, 4);
});

test('what is closed stays closed', async () => {
  const status = new BackendStatus();
  assert.deepEqual([status.state, status.failure], ['connecting', 'not connected yet']);
  status.close();
  status.ready();
  status.fail('late');
  assert.deepEqual([status.state, status.failure, await status.settled()], ['closed', 'closed', 'closed']);
});
