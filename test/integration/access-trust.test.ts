import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask } from '../support/http-request.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { refusalOf } from '../support/token-node.ts';
import { connect, connectRefused } from '../support/ws-clients.ts';
import { dialectNames, writeRequest } from '../support/ws-decode.ts';

type Headers = Readonly<Record<string, string>>;

/** What takes the trust away that a request from this machine has, and the words for it. */
const suspicious: readonly (readonly [what: string, headers: Headers, words: RegExp])[] = [
  ['X-Forwarded-For', { 'X-Forwarded-For': '127.0.0.1' }, /the request was forwarded \(header x-forwarded-for\)/],
  ['Forwarded', { Forwarded: 'for=127.0.0.1' }, /the request was forwarded \(header forwarded\)/],
  ['X-Real-IP', { 'X-Real-IP': '127.0.0.1' }, /the request was forwarded \(header x-real-ip\)/],
  ['Via', { Via: '1.1 proxy' }, /the request was forwarded \(header via\)/],
  ['an empty X-Forwarded-For', { 'X-Forwarded-For': '' }, /the request was forwarded/],
  ['a foreign Origin', { Origin: 'https://evil.example' }, /a web page of another origin sent it/],
  ['Origin null', { Origin: 'null' }, /a web page of another origin sent it/],
  ['Sec-Fetch-Site: cross-site', { 'Sec-Fetch-Site': 'cross-site' }, /a web page of another site sent it/],
  ['Sec-Fetch-Site: same-site', { 'Sec-Fetch-Site': 'same-site' }, /a web page of another site sent it/],
  ['a Host that is a name', { Host: 'evil.example' }, /Host "evil\.example" is not this machine's loopback/],
  ['a Host that only begins like this machine', { Host: 'localhost.evil.example' }, /is not this machine's loopback/],
  ['a Host that is another address', { Host: '10.0.0.1' }, /is not this machine's loopback/],
];

/** One request for each thing that a trusted peer may do. */
const requests = [
  ['POST', '/send/all', '{"action":"x"}'],
  ['POST', '/api/send_to_system', '{"msg":"x"}'],
  ['POST', '/api/message/send?action=a&sender=s&receiver=alice', undefined],
  ['GET', '/getOnlineUser', undefined],
  ['POST', '/api/get_online_list', '{"groupName":"g"}'],
  ['POST', '/api/bind_to_group', '{"clientId":"x","groupName":"g"}'],
  ['POST', '/api/close_client', '{"clientId":"x"}'],
  ['POST', '/api/register', '{"systemId":"theirs"}'],
  ['GET', '/metrics', undefined],
] as const;

describe('a request from this machine', () => {
  let node: TestNode;
  before(async () => {
    node = await startTestNode({ set: ['auth.origins=https://evil.example'] });
  });
  after(() => node[Symbol.asyncDispose]());

  for (const [what, headers, words] of suspicious) {
    test(`with ${what} is trusted with nothing: not to push, read, register or see figures, nor to bind`, async () => {
      for (const [method, path, body] of requests) {
        const { status, text } = await ask(node.port, path, {
          method,
          headers: { SystemId: 'default', ...headers },
          body,
        });
        assert.equal(status, 403, `${method} ${path}: ${text}`);
        assert.match(text.replaceAll('\\"', '"'), words, path);
      }
      for (const dialect of dialectNames.slice(1)) {
        if (headers['Origin'] === 'null') {
          assert.equal((await connectRefused(node, dialect, { headers })).status, 403);
          continue;
        }
        const client = await connect(node, dialect, { headers });
        client.send(writeRequest(dialect, 'client_bind', { uid: 'alice' }));
        const { code, message } = await refusalOf(client);
        assert.equal(code, 4500, dialect);
        assert.match(message, words);
      }
      assert.equal((await node.admin.users()).total, 0);
      assert.deepEqual(
        (await node.admin.systems()).items.map(({ system }) => system),
        ['default'],
      );
    });

    test(`with ${what} and a right key is judged by the key`, async () => {
      const { key } = await node.admin.rotateKey({ owner: 'operator', role: 'operate' });
      const asked = { method: 'POST', headers: { ...headers, Authorization: `Bearer ${key}` }, body: '{"action":"x"}' };
      assert.equal((await ask(node.port, '/send/all', asked)).status, 200);
    });
  }

  test('is trusted under each name of loopback, with its own Origin and with nothing to show', async () => {
    const body = '{"action":"x"}';
    const own = `http://127.0.0.1:${node.port}`;
    for (const headers of [
      {},
      { Host: `localhost:${node.port}` },
      { Host: `LOCALHOST:${node.port}` },
      { Host: '127.0.0.1' },
      { Host: `[::1]:${node.port}` },
      { Host: own.slice('http://'.length), Origin: own },
      { 'Sec-Fetch-Site': 'same-origin' },
      { 'Sec-Fetch-Site': 'none' },
    ]) {
      const { status, text } = await ask(node.port, '/send/all', { method: 'POST', headers, body });
      assert.equal(status, 200, `${JSON.stringify(headers)}: ${text}`);
    }
  });

  test('gets no further below /admin for being trusted, nor for naming a proxy', async () => {
    for (const headers of [{}, ...suspicious.map(([, each]) => each)]) {
      assert.equal((await ask(node.port, '/admin/v1/stats', { headers })).status, 401);
    }
  });

  test('no cookie, query or form is a key', async () => {
    const { key } = await node.admin.rotateKey({ owner: 'operator', role: 'admin' });
    const query = `?key=${key}&token=${key}&access_token=${key}&X-API-Key=${key}`;
    for (const headers of [
      {},
      { Cookie: `key=${key}; Authorization=Bearer ${key}` },
      { Authorization: `Basic ${btoa(`:${key}`)}` },
    ]) {
      const { status } = await ask(node.port, `/admin/v1/stats${query}`, { headers: { ...headers } });
      assert.equal(status, 401);
    }
  });
});
