import assert from 'node:assert/strict';
import test from 'node:test';
import { startDoors } from './harness.ts';

test('the probes are open, and say a word', async (t) => {
  const doors = await startDoors(
    t,
    {},
    { judge: () => ({ allowed: false, code: 'forbidden', message: 'no', hint: '' }) },
  );
  const healthy = await doors.ask('/healthz');
  assert.deepEqual([healthy.status, healthy.text], [200, 'ok']);
  const ready = await doors.ask('/readyz');
  assert.deepEqual([ready.status, ready.text], [200, 'ok']);
  assert.deepEqual(doors.judged, []);
});

test('readyz is degraded while an outage is shared, and fails where this node alone is cut off', async (t) => {
  const degraded = await startDoors(t, {}, { readiness: () => ({ ready: true, degraded: true }) });
  const shared = await degraded.ask('/readyz');
  assert.deepEqual([shared.status, shared.text], [200, 'degraded']);
  const cut = await startDoors(t, {}, { readiness: () => ({ ready: false, degraded: true }) });
  assert.equal((await cut.ask('/readyz')).status, 503);
});

test('metrics are Prometheus text for those who may see them', async (t) => {
  const doors = await startDoors(t);
  const answer = await doors.ask('/metrics');
  assert.equal(answer.text, 'yunque_up 1\n');
  assert.match(answer.headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
  assert.deepEqual(doors.judged, ['metrics']);
  const judge = () => ({ allowed: false, code: 'forbidden', message: 'no', hint: 'do' }) as const;
  const closed = await startDoors(t, {}, { judge });
  const refused = await closed.ask('/metrics');
  assert.equal(refused.status, 403);
  assert.deepEqual(JSON.parse(refused.text), { error: { code: 'forbidden', message: 'no', hint: 'do' } });
});

test('HEAD works where GET does', async (t) => {
  const doors = await startDoors(t);
  for (const path of ['/healthz', '/readyz', '/metrics', '/getOnlineUser', '/admin/v1/version']) {
    const answer = await doors.ask(path, { method: 'HEAD' });
    assert.equal(answer.status, 200, path);
    assert.equal(answer.text, '');
  }
});

test('a path with nothing behind it is a small 404', async (t) => {
  const doors = await startDoors(t);
  for (const path of ['/nothing', '/api/nothing', '/api/register/', '/API/register', '//api/register', '/send/ALL']) {
    const answer = await doors.post(path, '{}');
    assert.equal(answer.status, 404, path);
    const { error } = JSON.parse(answer.text);
    assert.deepEqual(error, { code: 'not_found', message: 'there is nothing at this path' });
  }
  assert.equal(doors.refusals.length, 6);
  assert.equal((await doors.ask('/%zz')).status, 400);
});

test('a path below /admin that cannot be decoded is told to operators only, however it is written', async (t) => {
  const judge = () => ({ allowed: false, code: 'unauthorized', message: 'no', hint: '' }) as const;
  const doors = await startDoors(t, {}, { judge });
  for (const path of [
    '/admin/%zz',
    'http://x/admin/%zz',
    'https://x/admin/%zz?a',
    '/%61dmin/%zz',
    'http://x/admin/v1/stats',
  ]) {
    assert.equal((await doors.ask(path)).status, 401, path);
  }
  assert.equal((await doors.ask('http://x/%zz')).status, 400);
});

test('a plain GET of a WebSocket path is told to upgrade', async (t) => {
  const doors = await startDoors(t, {}, { websocketPaths: ['/ws'] });
  const answer = await doors.ask('/ws?systemId=a');
  assert.equal(answer.status, 426);
  assert.equal(answer.headers['upgrade'], 'websocket');
  assert.equal((await doors.ask('/cim')).status, 404);
});

test('while draining every POST is 503 with Retry-After, and questions are still answered', async (t) => {
  const doors = await startDoors(t, {}, { isDraining: () => true, demo: true });
  for (const [path, body] of [
    ['/api/send_to_client', '{"code":-1,"msg":"the node is shutting down; '],
    ['/send', '{"code":503,"message":"the node is shutting down; '],
    ['/login', '{"code":503,"message":"the node is shutting down; '],
    ['/api/message/send', '{"code":503,"message":"the node is shutting down; '],
    ['/admin/v1/send', '{"error":{"code":"going_away","message":"the node is shutting down","hint":'],
  ] as const) {
    const answer = await doors.post(path, '{}');
    assert.equal(answer.status, 503, path);
    assert.equal(answer.headers['retry-after'], '1');
    assert.ok(answer.text.startsWith(body), answer.text);
  }
  assert.deepEqual(doors.commands, []);
  assert.equal((await doors.ask('/admin/v1/version')).status, 200);
  assert.equal((await doors.ask('/getOnlineUser')).status, 200);
});

test('a fault of ours is a 500 without details, logged with them', async (t) => {
  const fault = new Error('secret detail');
  const fail = () => {
    throw fault;
  };
  const doors = await startDoors(t, { push: fail, stats: fail, listConnections: fail });
  const answers = [
    await doors.post('/api/send_to_group', '{"groupName":"g"}'),
    await doors.post('/send/all', '{}'),
    await doors.post('/api/message/send', 'sender=0&receiver=a&action=1'),
    await doors.ask('/admin/v1/stats'),
    await doors.ask('/getOnlineUser?uid=secret'),
  ];
  for (const { status, text } of answers) {
    assert.equal(status, 500);
    assert.match(text, /an unexpected fault/);
    assert.doesNotMatch(text, /secret|stack|\.ts/);
  }
  assert.equal(doors.errors.length, 5);
  assert.ok(doors.errors.every(({ error }) => error === fault));
  assert.equal(doors.errors.at(-1)?.where, 'GET /getOnlineUser');
});

test('a fault in metrics or in the directory of systems is a 500 as well', async (t) => {
  const fail = async (): Promise<never> => {
    throw new Error('disk');
  };
  const doors = await startDoors(t, {}, { metrics: fail, systemExists: fail });
  assert.equal((await doors.ask('/metrics')).status, 500);
  assert.equal((await doors.post('/api/send_to_group', '{"groupName":"g"}')).status, 500);
  assert.equal(doors.errors.length, 2);
});

test('no answer allows another origin, and a preflight is refused', async (t) => {
  const doors = await startDoors(t);
  const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST', SystemId: 'sys' };
  for (const path of ['/api/send_to_client', '/send', '/admin/v1/send', '/metrics']) {
    const answer = await doors.ask(path, { method: 'OPTIONS', headers });
    assert.equal(answer.status, 405, path);
    for (const name of Object.keys(answer.headers)) assert.doesNotMatch(name, /^access-control/);
  }
});

test('what is told of a refusal has neither the query nor control characters, and is short', async (t) => {
  const doors = await startDoors(t);
  await doors.ask(`/nothing/${'x'.repeat(5000)}?token=secret`);
  const [refusal] = doors.refusals;
  assert.equal(refusal?.error, 'not_found');
  assert.ok(refusal.what.length < 300);
  assert.doesNotMatch(refusal.what, /secret/);
});

test('requests on one kept connection do not see each other’s bodies', async (t) => {
  const doors = await startDoors(t);
  await Promise.all(
    Array.from({ length: 50 }, (_, i) => doors.post('/api/send_to_group', `{"groupName":"g${i}","data":${i}}`)),
  );
  for (const command of doors.commands) {
    assert.ok(command.type === 'push' && command.target.to === 'groups' && command.message.kind === 'push');
    assert.equal(command.target.groups[0], `g${command.message.data}`);
  }
});
