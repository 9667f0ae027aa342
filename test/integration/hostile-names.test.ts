import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createLogger } from '../../src/telemetry/log.ts';
import { AccessPlace } from '../support/access-place.ts';
import { routeRows } from '../support/access-routes.ts';
import { ask } from '../support/http-request.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { refusalOf, startTokenNode, urlWith } from '../support/token-node.ts';
import { connect, join } from '../support/ws-clients.ts';
import { dialectNames, writeRequest } from '../support/ws-decode.ts';
import { cli } from '../unit/cli/run-cli.ts';

const plainPrototype = Object.getOwnPropertyNames(Object.prototype).sort();

function assertPrototypeIsPlain(what: string): void {
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).sort(), plainPrototype, what);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined, what);
}

describe('names that are members of every object', () => {
  let node: TestNode;
  before(async () => {
    node = await startTestNode({ set: ['demo=true'] });
  });
  after(() => node[Symbol.asyncDispose]());
  const poison = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}';

  test('in any body, at any depth, of any endpoint are refused or inert', async () => {
    const place = new AccessPlace(node);
    const socketPath = node.node.operator.socketFile;
    await node.admin.addSystem('shop');
    for (const { route, ask: asked, harmless } of routeRows) {
      const [method = ''] = route.split(' ');
      if (method !== 'POST' || harmless !== undefined) continue;
      await place.restore();
      const { path, body = '{}' } = asked(place);
      const text = String(body);
      const nested = text.replaceAll('{"', `{${poison},"`).replaceAll('{}', `{${poison}}`);
      for (const poisoned of [nested, `{${poison}}`, `[{${poison}}]`, `{"data":{${poison}},"push":{${poison}}}`]) {
        const headers = { SystemId: 'shop' };
        const { status, text: answer } = await ask(0, path, { method, headers, body: poisoned, socketPath });
        assert.ok(status < 500, `${route} ${poisoned}: ${status} ${answer}`);
        assertPrototypeIsPlain(route);
      }
    }
  });

  test('in any frame of any dialect are data', async () => {
    for (const dialect of dialectNames) {
      const client = await join(node, dialect);
      const data = Object.fromEntries(['__proto__', 'constructor', 'toString', 'token'].map((name) => [name, 'x']));
      client.send(writeRequest(dialect, '__proto__', { ...data, ['__proto__']: 'x' }));
      const { body } = await client.reply('__proto__');
      assert.equal(String(body['code']), '404');
      if (dialect === 'json') client.send(`{"key":"x","data":{${poison}},${poison}}`);
      assertPrototypeIsPlain(dialect);
      await client.close();
    }
  });

  test('are plain names for a user, a device, a group, a system and an account', async () => {
    for (const name of ['__proto__', 'constructor', 'hasOwnProperty', 'toString']) {
      await node.admin.addSystem(name);
      const bind = { uid: name, deviceId: name, deviceName: name, channel: 'web' };
      const client = await join(node, 'yunque', { system: name, bind });
      await node.admin.join(name, { system: name, uids: [name] });
      const receipt = await node.admin.send({
        system: name,
        target: { to: 'device', uid: name, deviceId: name },
        push: {},
      });
      assert.equal(receipt.delivered, 1, name);
      assert.deepEqual((await node.admin.online([name], { system: name })).users[name], 1);
      assert.equal((await node.admin.group(name, { system: name })).members, 1);
      assert.equal((await node.admin.stats()).nodes[0]?.connectionsBySystem[name], 1);
      const { status, text } = await ask(node.port, '/send', {
        method: 'POST',
        headers: { SystemId: name },
        body: JSON.stringify({ action: 'a', sender: 's', receiver: name, content: JSON.parse(`{"__proto__":"x"}`) }),
      });
      assert.equal(JSON.parse(text).data.delivered, 1, `${status} ${text}`);
      await client.close();
      await node.admin.removeSystem(name);
    }
    const account = { method: 'POST', body: '{"username":"__proto__","password":"p"}' };
    assert.equal((await ask(node.port, '/login', account)).status, 401);
    assert.equal((await ask(node.port, '/login/register', account)).status, 200);
    assert.equal((await ask(node.port, '/login', account)).status, 200);
    assertPrototypeIsPlain('names');
  });
});

describe('names that would write to a log or a terminal', () => {
  const hostile = [
    'a\nlevel=fatal msg=forged',
    'a\r\n{"level":60,"msg":"forged"}',
    'a\u001b[2J\u001b]0;title\u0007',
    'a\u009b31m',
    'a\u0000b',
    'a\u007f',
    'x'.repeat(1024 * 1024),
  ];
  const controls = /[\p{Cc}\p{Zl}\p{Zp}]/u;

  for (const format of ['json', 'pretty'] as const) {
    test(`a line of the log stays a line, whatever a client calls itself (${format}, everything logged)`, async () => {
      const lines: string[] = [];
      const log = createLogger({ level: 'trace', format, destination: { write: (line) => void lines.push(line) } });
      await using held = await startTokenNode(['log.level=trace', 'limits.payload=8MiB'], log);
      const { node } = held;
      for (const name of hostile) {
        for (const dialect of dialectNames.slice(1)) {
          const client = await connect(node, dialect, { system: 'open' });
          client.send(writeRequest(dialect, 'client_bind', { uid: name, channel: name, deviceId: name }));
          const { code, message } = await refusalOf(client);
          assert.equal(code, 4500);
          assert.ok(message.length < 200 && !controls.test(message), 'nor is it said back');
        }
        if (name.length > 1000) continue;
        const token = await held.mint({ sub: name });
        const client = await connect(node, 'json', { url: urlWith(node, 'json', { systemId: 'shop', token }) });
        assert.equal((await refusalOf(client)).code, 4500);
        const encoded = encodeURIComponent(name);
        for (const path of [
          `/${encoded}`,
          `/admin/v1/users/${encoded}`,
          `/admin/v1/connections/${encoded}?system=${encoded}`,
        ]) {
          await ask(0, path, { socketPath: node.node.operator.socketFile });
          await ask(node.port, path);
        }
        const body = JSON.stringify({ clientId: name, groupName: name, systemId: name, uid: name });
        for (const path of ['/api/register', '/api/bind_to_group', '/send', '/getOnlineUser']) {
          await ask(node.port, path, { method: 'POST', body, headers: { SystemId: 'open' } });
        }
      }
      assert.ok(lines.filter((line) => line.includes('refused')).length > 30);
      for (const line of lines) {
        assert.equal(line.indexOf('\n'), line.length - 1, line);
        assert.doesNotMatch(line.slice(0, -1), controls);
        assert.doesNotMatch(line, format === 'json' ? /"level":60/ : /^\S+ FATAL/);
        assert.ok(line.length < 2000, `${line.length} characters`);
        if (format === 'json') JSON.parse(line);
      }
    });
  }

  test('the command line shows names that are allowed, without what moves the cursor or turns the line', async () => {
    await using node = await startTestNode();
    const uid = 'a\u2028b\u202ec';
    const client = await join(node, 'yunque', { bind: { uid, channel: 'web', deviceId: 'd' } });
    for (const args of [
      ['user', 'ls'],
      ['client', 'ls'],
      ['top', '--once', '--view', 'clients', '--max-refresh', '1'],
    ]) {
      const { exit, out } = await cli([...args, '-s', `unix:${node.node.operator.socketFile}`]);
      assert.equal(exit, 0);
      assert.doesNotMatch(out, /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u202e]/u, args.join(' '));
    }
    await client.close();
  });
});
