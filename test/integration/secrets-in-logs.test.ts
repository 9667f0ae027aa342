import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLogger } from '../../src/telemetry/log.ts';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/http-request.ts';
import { refusalOf, startTokenNode, urlWith } from '../support/token-node.ts';
import { connect, connectRefused } from '../support/ws-clients.ts';
import { dialectNames, writeRequest } from '../support/ws-decode.ts';

for (const format of ['json', 'pretty'] as const) {
  test(`no token, key or password that comes in is in the log (${format}, everything logged), in an event, a figure or a file`, async () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'trace', format, destination: { write: (line) => void lines.push(line) } });
    await using held = await startTokenNode(['demo=true', 'log.level=trace', 'auth.failedKeys.delay=0s'], log);
    const { node } = held;
    const { admin, port } = node;
    /** What must be found nowhere. */
    const secrets: string[] = [];
    const secret = <T extends string>(text: T): T => {
      secrets.push(text);
      return text;
    };
    const unknown = () => secret(`s3cr3t-${randomBytes(12).toString('hex')}`);
    const operatorKey = secret((await readFile(node.node.operator.keyFile ?? '', 'utf8')).trim());
    const systemKey = secret((await admin.rotateKey({ owner: 'system', system: 'shop', role: 'read' })).key);
    const right = secret(await held.mint());

    for (const dialect of dialectNames) {
      for (const token of [
        right,
        secret(await held.mint({ endsIn: -3600 })),
        secret(await held.mint({ sys: 'other' })),
      ]) {
        const client = await connect(node, dialect, { url: urlWith(node, dialect, { systemId: 'shop', token }) });
        if (token === right) {
          client.send(writeRequest(dialect, 'client_bind', { token: unknown() }));
        }
        await refusalOf(client);
      }
      const broken = await connect(node, dialect, {
        url: urlWith(node, dialect, { systemId: 'down', token: unknown() }),
      });
      assert.equal((await broken.closed).code, 4001);
      const nowhere = `${node.ws}/no-such-path?token=${unknown()}`;
      assert.equal((await connectRefused(node, dialect, { url: nowhere })).status, 404);
      if (dialect === 'json') continue;
      const binding = await connect(node, dialect, { system: 'shop' });
      binding.send(writeRequest(dialect, 'client_bind', { uid: 'alice', token: unknown() }));
      await refusalOf(binding);
    }

    const keys = [operatorKey, systemKey, unknown(), secret(`${systemKey.slice(0, -4)}AAAA`)];
    for (const key of keys) {
      const query = `?token=${key}&key=${key}&access_token=${key}`;
      for (const path of [
        '/send',
        '/api/register',
        '/getOnlineUser',
        '/metrics',
        '/admin/v1/stats',
        '/none',
        '/admin/%zz',
        '/%zz',
        '/ws',
      ]) {
        for (const headers of [{}, { Authorization: `Bearer ${key}` }, { 'X-API-Key': key }, { Authorization: key }]) {
          await ask(port, path + query, { headers: { ...headers, 'X-Forwarded-For': '10.0.0.1' } });
          await ask(port, path + query, { method: 'POST', headers: { ...headers }, body: `{"token":"${key}"` });
        }
      }
    }
    const account = JSON.stringify({ username: 'demo', password: unknown() });
    for (const path of ['/login/register', '/login', '/login/register']) {
      const { text } = await ask(port, path, { method: 'POST', body: account });
      const token = JSON.parse(text).data?.token;
      if (token !== undefined) await ask(port, `/login/getUserinfo?token=${secret(token)}`);
    }

    const events: string[] = [];
    for await (const item of admin.events({ backlog: 1000 })) {
      if (item.type === 'event') events.push(JSON.stringify(item.event));
      if (events.some((event) => event.includes('"unauthorized"')) && events.length > 50) break;
    }
    await eventually('refusals are logged', () => lines.filter((line) => line.includes('refused')).length > 50);
    const shown: Readonly<Record<string, string>> = {
      log: lines.join(''),
      events: events.join('\n'),
      stats: JSON.stringify(await admin.stats()),
      keys: JSON.stringify(await admin.keys()),
      connections: JSON.stringify(await admin.connections()),
      metrics: (await ask(0, '/metrics', { socketPath: node.node.operator.socketFile })).text,
    };
    for (const text of secrets) {
      for (const [where, found] of Object.entries(shown)) {
        assert.ok(!found.includes(text) && !found.includes(text.slice(-24)), `${where} holds ${text}`);
      }
    }
    for (const name of await readdir(node.dataDirectory)) {
      const bytes = await readFile(join(node.dataDirectory, name));
      for (const text of secrets) assert.ok(!bytes.includes(text), `${name} holds ${text}`);
    }
    assert.match(shown['log'] ?? '', /Invalid Compact JWS/, 'why a token was refused is for the log');
    assert.doesNotMatch(shown['events'] ?? '', /Invalid Compact JWS/);
    assert.match(shown['log'] ?? '', /GET \/getOnlineUser(?!\?)/, 'and the path is there, without its query');
  });
}
