import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/http-request.ts';
import { startTestNode, type TestNode } from '../support/node.ts';

const wrong = `yq_${'0'.repeat(10)}_${'A'.repeat(43)}`;
const operatorKeyOf = async (node: TestNode) => (await readFile(node.node.operator.keyFile ?? '', 'utf8')).trim();
/** What a client there sends through the proxy of this machine. */
const from = (address: string, key: string) => ({ 'X-Forwarded-For': address, Authorization: `Bearer ${key}` });

test('who guesses keys waits for the answers; the right key from there is not slowed down, nor wrong ones from elsewhere', async (t) => {
  await using node = await startTestNode({ set: ['auth.failedKeys.delay=30s', 'proxy.trusted=[127.0.0.1]'] });
  const key = await operatorKeyOf(node);
  const leaving = new AbortController();
  t.after(() => leaving.abort());
  const guesses = 40;
  const statuses: number[] = [];
  for (let n = 0; n < guesses; n += 1) {
    const path = n % 2 === 0 ? '/admin/v1/stats' : '/metrics';
    const headers = from('192.0.2.1', wrong);
    fetch(`${node.url}${path}`, { headers, signal: leaving.signal }).then(
      ({ status }) => statuses.push(status),
      () => {},
    );
  }
  await eventually('as many are held back as may be', () => statuses.includes(429));
  assert.equal((await ask(node.port, '/admin/v1/stats', { headers: from('192.0.2.1', key) })).status, 200);
  assert.equal((await ask(node.port, '/admin/v1/stats', { headers: from('192.0.2.2', wrong) })).status, 401);
  assert.ok(statuses.length < guesses, 'all are answered');
  leaving.abort();
});

test('an address of too many wrong keys is told for how long every key of it is refused, at every door', async () => {
  const set = ['auth.failedKeys.perMinute=3', 'auth.failedKeys.delay=0s', 'proxy.trusted=[127.0.0.1]'];
  await using node = await startTestNode({ set });
  const key = await operatorKeyOf(node);
  const stats = (address: string, presented: string) =>
    ask(node.port, '/admin/v1/stats', { headers: from(address, presented) });
  for (let n = 0; n < 4; n += 1) assert.equal((await stats('192.0.2.1', wrong)).status, 401);
  const body = '{"action":"x"}';
  for (const [path, method] of [
    ['/admin/v1/stats', 'GET'],
    ['/admin/%zz', 'GET'],
    ['/metrics', 'GET'],
    ['/send/all', 'POST'],
    ['/api/message/send?action=a&sender=s&receiver=r', 'POST'],
    ['/api/send_to_system', 'POST'],
  ] as const) {
    const headers = { ...from('192.0.2.1', key), SystemId: 'default' };
    const answer = await ask(node.port, path, { method, headers, ...(method === 'POST' && { body }) });
    assert.equal(answer.status, 429, path);
    const seconds = Number(answer.headers['retry-after']);
    // Of `auth.failedKeys.ban`, 5 minutes, less what has gone by.
    assert.ok(seconds > 60 && seconds <= 300, `Retry-After: ${answer.headers['retry-after']}`);
    assert.match(answer.text, /too many wrong keys came from this address/);
    assert.match(answer.text, /wait \d+ s(?!,)/);
    assert.doesNotMatch(answer.text, /another/);
  }
  assert.equal((await stats('192.0.2.2', key)).status, 200);
  assert.equal((await stats('192.0.2.2', wrong)).status, 401);
  assert.equal((await node.admin.stats()).nodes.length, 1, 'the operator’s socket is nobody’s address');
});
