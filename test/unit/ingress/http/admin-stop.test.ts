import assert from 'node:assert/strict';
import test from 'node:test';
import type { StopRequest } from '../../../../src/api/admin.ts';
import { startDoors } from './harness.ts';

test('a stop is answered with what is left to do, also by a node that drains already', async (t) => {
  const asked: StopRequest[] = [];
  const stop = (request: StopRequest) => {
    asked.push(request);
    return { clients: 3, hardLimitMs: 30_000, dataDirectory: '/data' };
  };
  const doors = await startDoors(t, {}, { isDraining: () => true, stop });
  for (const body of ['{}', '{"now":true}']) {
    const answer = await doors.post('/admin/v1/stop', body);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(JSON.parse(answer.text), { clients: 3, hardLimitMs: 30_000, dataDirectory: '/data' });
  }
  assert.deepEqual(asked, [{}, { now: true }]);
  assert.deepEqual(doors.judged, ['administer', 'administer']);
});

test('a stop without the right to it, or with a field that is none of its, stops nothing', async (t) => {
  const asked: StopRequest[] = [];
  const stop = (request: StopRequest) => {
    asked.push(request);
    return { clients: 0, hardLimitMs: 1, dataDirectory: '/data' };
  };
  const open = await startDoors(t, {}, { stop });
  for (const body of ['{"force":true}', '{"now":"yes"}', '[]', '']) {
    assert.equal((await open.post('/admin/v1/stop', body)).status, 400, body);
  }
  const judge = () => ({ allowed: false, code: 'unauthorized', message: 'no', hint: 'key' }) as const;
  const closed = await startDoors(t, {}, { stop, judge });
  assert.equal((await closed.post('/admin/v1/stop', '{"now":true}')).status, 401);
  assert.deepEqual(asked, []);
});
