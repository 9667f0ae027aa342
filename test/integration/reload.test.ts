import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { SignJWT } from 'jose';
import type { ReloadAnswer } from '../../src/api/admin.ts';
import type { Target } from '../../src/api/target.ts';
import { settingKeys, settingOf } from '../../src/config/keys.ts';
import type { SettingKey } from '../../src/config/schema.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { createAuthority } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { post } from '../support/http-post.ts';
import { startServer } from '../support/local-server.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { outsideAddress } from '../support/outside-address.ts';
import { openRaw, type RawClient } from '../support/raw-client.ts';
import { clientFrame, opcode } from '../support/raw-frames.ts';
import { refusal } from '../support/refusal.ts';
import { connect, connectRefused, join } from '../support/ws-clients.ts';

interface ReloadingNode extends TestNode {
  /** Reloads with these settings in the place of those of the same name. */
  reload(...set: readonly string[]): Promise<ReloadAnswer>;
  readonly logged: string[];
}

async function startNode(t: TestContext, ...first: readonly string[]): Promise<ReloadingNode> {
  const set = [...first];
  const logged: string[] = [];
  const log = createLogger({ level: 'info', format: 'json', destination: { write: (line) => void logged.push(line) } });
  const node = await startTestNode({ set, log });
  t.after(() => node[Symbol.asyncDispose]());
  const reload = async (...next: readonly string[]) => {
    const names = next.map((each) => each.split('=')[0]);
    const kept = set.filter((each) => !names.includes(each.split('=')[0]));
    set.splice(0, set.length, ...kept, ...next);
    return await node.admin.reload();
  };
  return { ...node, reload, logged };
}

const bind = { uid: 'alice', channel: 'web', deviceId: 'd1' };
const auditOf = ({ dataDirectory }: TestNode) => joinPath(dataDirectory, 'audit.jsonl');

/** An `auth.tokens` with a fresh secret in a file, that of `source` where it is given. */
async function tokenSource(t: TestContext, source?: string) {
  const secret = randomBytes(32);
  let file = /secretFile: ([^,}]+)/.exec(source ?? '')?.[1];
  if (file === undefined) {
    const folder = await mkdtemp(joinPath(tmpdir(), 'yunque-secret-'));
    t.after(() => rm(folder, { recursive: true }));
    file = joinPath(folder, 'secret');
  }
  await writeFile(file, secret.toString('base64url'), { mode: 0o600 });
  const tokenOf = (uid: string, validForS = 600) =>
    new SignJWT({ sub: uid, exp: Math.floor(Date.now() / 1000) + validForS })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(secret.toString('base64url')));
  return { source: `auth.tokens=[{type: jwt, algorithm: HS256, secretFile: ${file}}]`, file, tokenOf };
}

async function closeCodeOf(node: TestNode, url: string): Promise<number> {
  return (await (await connect(node, 'json', { url })).closed).code;
}

async function showsAnotherCertificate(t: TestContext): Promise<void> {
  const authority = await createAuthority();
  t.after(() => authority[Symbol.asyncDispose]());
  const [first, second] = await Promise.all([authority.issue('first'), authority.issue('second')]);
  const node = await startNode(t, `tls.cert=${first.cert}`, `tls.key=${first.key}`);
  const { changes } = await node.reload(`tls.cert=${second.cert}`, `tls.key=${second.key}`);
  assert.deepEqual(
    changes.map(({ key, effect }) => [key, effect]),
    [
      ['tls.cert', 'applied'],
      ['tls.key', 'applied'],
      ['tls.cert (SHA-256)', 'applied'],
    ],
  );
  const socket = connectTls({ port: node.port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  assert.equal(socket.getPeerX509Certificate()?.subject, 'CN=second');
  socket.destroy();
}

/** A client that has sent so many bytes of a message that does not end. */
async function halfMessage(node: TestNode, bytes: number): Promise<RawClient> {
  const client = await openRaw(node.port);
  await client.upgrade(node.port, '/ws');
  client.socket.write(clientFrame(opcode.text, Buffer.alloc(bytes, 'x'), { fin: false }));
  return client;
}

/** Of a push to everyone: how many had not been handed to the kernel when it was answered. */
async function queuedOf(node: TestNode, target: Target, data: unknown = 1): Promise<number> {
  return (await node.admin.send({ target, push: { data } })).queued;
}

/** Pushes to a client that does not read until the node has closed it; the code it was closed with. */
async function codeOfSlow(node: TestNode, more: { readonly settle?: number } = {}): Promise<{ pushed: number }> {
  const slow = await join(node, 'json');
  slow.ws.pause();
  const push = { data: 'x'.repeat(64 * 1024) };
  let pushed = 0;
  for (; (await node.admin.stats()).nodes[0]?.connections !== 0; pushed += 1) {
    assert.ok(pushed < 4000);
    const queued = await queuedOf(node, { to: 'system' }, push.data);
    if (more.settle !== undefined && queued > 0) {
      await eventually('it is closed', async () => (await node.admin.stats()).nodes[0]?.connections === 0, more.settle);
    }
  }
  slow.ws.terminate();
  return { pushed };
}

/** Each shows that the node does otherwise after the reload than it did before. */
const effects: Partial<Record<SettingKey, (t: TestContext) => Promise<void>>> = {
  bindTimeout: async (t) => {
    const node = await startNode(t, 'bindTimeout=1h');
    await node.reload('bindTimeout=100ms');
    const client = await connect(node, 'yunque');
    assert.equal((await client.closed).code, 4002);
  },
  'systems.list': async (t) => {
    const node = await startNode(t, 'systems.list=shop');
    const client = await join(node, 'json', { system: 'shop' });
    await assert.rejects(node.admin.system('bank'), refusal('unknown_system'));
    const { warnings } = await node.reload('systems.list=bank');
    assert.deepEqual(warnings, ['systems.list only adds: shop stays until it is removed with yunque system rm shop']);
    await node.admin.system('bank');
    assert.equal((await node.admin.system('shop')).connections, 1, 'the other stays, with its connections');
    assert.equal(client.ended, undefined);
    await node.admin.removeSystem('bank');
    assert.deepEqual((await node.reload('systems.list=[]')).warnings, [], 'bank has gone already');
  },
  'auth.trustLoopback': async (t) => {
    const node = await startNode(t);
    const push = () => post(node, '/send', '{"receiver":"alice","action":"a"}');
    assert.notEqual((await push()).status, 403);
    await node.reload('auth.trustLoopback=false');
    assert.equal((await push()).status, 403);
  },
  'auth.trustedNetworks': async (t) => {
    const node = await startNode(t);
    const address = outsideAddress();
    const push = async () =>
      (await fetch(`http://${address}:${node.port}/send/all`, { method: 'POST', body: '{"action":"x"}' })).status;
    assert.equal(await push(), 403);
    await node.reload(`auth.trustedNetworks=${address}/32`);
    assert.equal(await push(), 200);
  },
  'auth.origins': async (t) => {
    const node = await startNode(t);
    const headers = { Origin: 'https://foreign.example' };
    await join(node, 'json', { headers });
    await node.reload('auth.origins=https://own.example');
    assert.equal((await connectRefused(node, 'json', { headers })).status, 403);
  },
  'auth.tokens': async (t) => {
    const node = await startNode(t);
    const { source, tokenOf } = await tokenSource(t);
    await node.reload(source);
    assert.equal(await closeCodeOf(node, `${node.ws}/ws`), 4500);
    const before = await tokenOf('alice');
    await join(node, 'json', { url: `${node.ws}/ws?token=${before}` });
    // The same setting, and another secret in its file.
    const { tokenOf: tokenAfter } = await tokenSource(t, source);
    await node.reload();
    assert.equal(await closeCodeOf(node, `${node.ws}/ws?token=${before}`), 4500);
    await join(node, 'json', { url: `${node.ws}/ws?token=${await tokenAfter('alice')}` });
  },
  'auth.connect': async (t) => {
    const { source } = await tokenSource(t);
    const node = await startNode(t, source);
    await node.reload('auth.connect=anonymous');
    await join(node, 'json');
  },
  'auth.clockSkew': async (t) => {
    const { source, tokenOf } = await tokenSource(t);
    const node = await startNode(t, source, 'auth.clockSkew=1s');
    const url = `${node.ws}/ws?token=${await tokenOf('alice', -30)}`;
    assert.equal(await closeCodeOf(node, url), 4003);
    await node.reload('auth.clockSkew=60s');
    await join(node, 'json', { url });
  },
  'tls.cert': showsAnotherCertificate,
  'tls.key': showsAnotherCertificate,
  'limits.connections': async (t) => {
    const node = await startNode(t);
    await node.reload('limits.connections=2');
    await connect(node, 'json');
    const attempts = [1, 2, 3].map(() => connectRefused(node, 'json'));
    assert.equal((await Promise.any(attempts)).status, 503);
  },
  'limits.assembly': async (t) => {
    const node = await startNode(t, 'limits.assembly=1h');
    await node.reload('limits.assembly=100ms');
    assert.equal(await (await halfMessage(node, 10)).closeCode(), 4002);
  },
  'limits.unfinished': async (t) => {
    const node = await startNode(t);
    await node.reload('limits.unfinished=64KiB');
    const oldest = await halfMessage(node, 40 * 1024);
    await halfMessage(node, 40 * 1024);
    assert.equal(await oldest.closeCode(), 4001);
  },
  'proxy.trusted': async (t) => {
    const node = await startNode(t);
    await node.reload('proxy.trusted=127.0.0.1');
    const client = await connect(node, 'json', { headers: { 'X-Forwarded-For': '203.0.113.7' } });
    await client.next(({ type }) => type === 'hello');
    const { items } = await node.admin.connections();
    assert.deepEqual(
      items.map(({ remoteAddress }) => remoteAddress),
      ['203.0.113.7'],
    );
  },
  'heartbeat.json.pingInterval': async (t) => {
    const node = await startNode(t, 'heartbeat.json.pingInterval=1h');
    await node.reload('heartbeat.json.pingInterval=100ms', 'heartbeat.json.timeout=100ms');
    const client = await join(node, 'json');
    await client.until(() => client.pingFrames || undefined, 'ping');
  },
  'heartbeat.json.timeout': async (t) => {
    const node = await startNode(t, 'heartbeat.json.pingInterval=2h', 'heartbeat.json.timeout=1h');
    await node.reload('heartbeat.json.pingInterval=200ms', 'heartbeat.json.timeout=100ms');
    const client = await join(node, 'json', { autoPong: false });
    assert.equal((await client.closed).code, 4012);
  },
  'heartbeat.protobuf.pingAfter': async (t) => {
    const node = await startNode(t, 'heartbeat.protobuf.pingAfter=1h', 'heartbeat.protobuf.timeout=2h');
    await node.reload('heartbeat.protobuf.pingAfter=100ms');
    const client = await join(node, 'yunque');
    await client.next(({ type }) => type === 'ping', 'PING');
  },
  'heartbeat.protobuf.timeout': async (t) => {
    const node = await startNode(t, 'heartbeat.protobuf.pingAfter=100ms', 'heartbeat.protobuf.timeout=1h');
    await node.reload('heartbeat.protobuf.timeout=300ms');
    const client = await join(node, 'cim', { heartbeat: false });
    assert.equal((await client.closed).code, 4012);
  },
  'devices.exclusive': async (t) => {
    const node = await startNode(t);
    await node.reload('devices.exclusive=[]');
    const phone = await join(node, 'yunque', { bind: { ...bind, channel: 'android' } });
    await join(node, 'yunque', { bind: { ...bind, channel: 'ios', deviceId: 'd2' } });
    assert.equal((await node.admin.user('alice')).connections, 2);
    assert.equal(phone.ended, undefined);
  },
  'devices.coexist': async (t) => {
    const node = await startNode(t);
    await node.reload('devices.coexist=');
    const tab = await join(node, 'yunque', { bind });
    await join(node, 'yunque', { bind });
    assert.equal((await tab.closed).code, 4005);
  },
  'groups.notices': async (t) => {
    const node = await startNode(t);
    await node.reload('groups.notices=false');
    const client = await join(node, 'json');
    await node.admin.join('room', { ids: [client.clientId] });
    await node.admin.send({ target: { to: 'system' }, push: { msg: 'after' } });
    await client.message(({ msg }) => msg === 'after');
    assert.equal(client.messages.length, 1, 'no 1001 before it');
  },
  'limits.groupsPerConnection': async (t) => {
    const node = await startNode(t);
    const client = await join(node, 'json');
    await node.reload('limits.groupsPerConnection=1');
    await node.admin.join('a', { ids: [client.clientId] });
    await assert.rejects(node.admin.join('b', { ids: [client.clientId] }), refusal('limit_reached'));
  },
  'groups.flushDelay': async (t) => {
    const node = await startNode(t);
    const client = await join(node, 'json');
    await node.admin.join('g', { ids: [client.clientId] });
    const group: Target = { to: 'groups', groups: ['g'] };
    assert.equal(await queuedOf(node, group), 0);
    await node.reload('groups.flushDelay=50ms');
    assert.equal(await queuedOf(node, group), 1);
    await eventually('it comes all the same', () => client.messages.length === 3);
  },
  'groups.flushDelays': async (t) => {
    const node = await startNode(t, 'groups.flushDelays={"tick*": 1s}');
    const client = await join(node, 'json');
    for (const group of ['ticks', 'chat']) await node.admin.join(group, { ids: [client.clientId] });
    const queued = async () => [
      await queuedOf(node, { to: 'groups', groups: ['ticks'] }),
      await queuedOf(node, { to: 'groups', groups: ['chat'] }),
    ];
    assert.deepEqual(await queued(), [1, 0]);
    await node.reload('groups.flushDelays={ticks: 0s, "c*": 50ms}');
    await eventually('what waited has come', () => client.messages.length === 4);
    assert.deepEqual(await queued(), [0, 1]);
  },
  'groups.batch': async (t) => {
    const node = await startNode(t, 'systems.flushDelay=10s', 'groups.batch=16MiB');
    const client = await join(node, 'json');
    await queuedOf(node, { to: 'system' }, 'x'.repeat(5000));
    assert.equal(client.messages.length, 0);
    await node.reload('groups.batch=4KiB');
    await queuedOf(node, { to: 'system' });
    await eventually('both have come, long before the delay', () => client.messages.length === 2);
  },
  'systems.flushDelay': async (t) => {
    const node = await startNode(t);
    await join(node, 'json');
    assert.equal(await queuedOf(node, { to: 'system' }), 0);
    await node.reload('systems.flushDelay=1s');
    assert.equal(await queuedOf(node, { to: 'system' }), 1);
  },
  'outbox.classes': async (t) => {
    const node = await startNode(t);
    const send = () => node.admin.send({ target: { to: 'system' }, push: {}, class: 'ticks', key: 'EUR' });
    await assert.rejects(send(), refusal('bad_request'));
    await node.reload('outbox.classes={ticks: conflate}');
    await send();
  },
  'outbox.maxBytes': async (t) => {
    const node = await startNode(t, 'outbox.maxBytes=8MiB');
    const { pushed: before } = await codeOfSlow(node);
    await node.reload('outbox.maxBytes=64KiB');
    const { pushed: after } = await codeOfSlow(node);
    assert.ok(before - after > 60, `${before} and ${after} pushes of 64 KiB`);
  },
  'outbox.maxAge': async (t) => {
    const node = await startNode(t, 'outbox.maxBytes=1GiB', 'outbox.maxAge=1h');
    await node.reload('outbox.maxAge=1s');
    await codeOfSlow(node, { settle: 20_000 });
    assert.equal((await node.admin.stats()).nodes[0]?.disconnects['4008'], 1);
  },
  // How long a stop may take is told, and made of this and drain.grace.
  'drain.hardLimit': async (t) => {
    const node = await startNode(t, 'drain.hardLimit=30s');
    await node.reload('drain.hardLimit=44s');
    assert.equal((await node.admin.stop()).hardLimitMs, 44_000);
  },
  'drain.duration': async (t) => {
    const node = await startNode(t, 'drain.duration=20s');
    await node.reload('drain.duration=0s');
    // One that reads no close frame holds the node, so that it can be asked.
    const holding = await join(node, 'json');
    holding.ws.pause();
    const clients = await Promise.all(Array.from({ length: 200 }, () => join(node, 'json')));
    await node.admin.stop();
    await Promise.race(clients.map(({ closed }) => closed));
    assert.equal((await node.admin.stats()).nodes[0]?.drain?.left, 0, 'all were told in one turn');
    holding.ws.terminate();
  },
  'drain.grace': async (t) => {
    const node = await startNode(t, 'drain.duration=0s');
    await node.reload('drain.grace=5s');
    assert.equal((await node.admin.stop({ drainMs: 60_000 })).hardLimitMs, 75_000);
  },
  'log.level': async (t) => {
    const node = await startNode(t);
    const refused = async () => (await fetch(`${node.url}/nowhere`)).text();
    await refused();
    assert.ok(!node.logged.some((line) => line.includes('/nowhere')));
    await node.reload('log.level=debug');
    await refused();
    assert.ok(node.logged.some((line) => line.includes('/nowhere')));
  },
  'log.maxSize': async (t) => {
    const node = await startNode(t);
    await node.reload('log.maxSize=1KiB');
    for (let n = 0; n < 12; n++) await node.admin.reload();
    await eventually('the file is turned', () => existsSync(`${auditOf(node)}.1`));
  },
  'log.maxFiles': async (t) => {
    const node = await startNode(t, 'log.maxSize=1KiB', 'log.maxFiles=1');
    await node.reload('log.maxFiles=3');
    await eventually('two older files are kept', async () => {
      await node.admin.reload();
      return existsSync(`${auditOf(node)}.2`);
    });
  },
  'probe.interval': async (t) => {
    const node = await startNode(t, 'probe.interval=1h');
    await node.reload('probe.interval=100ms');
    const times = new Set<number | undefined>();
    await eventually('it is probed again, and again', async () => {
      return times.add((await node.admin.stats()).nodes[0]?.probeMs).size > 2;
    });
  },
};

describe('a reload of', { timeout: 60_000 }, () => {
  for (const [key, effect] of Object.entries(effects)) test(`${key} takes effect`, effect);

  test('every setting that says it needs no restart is tried here', () => {
    const marked = settingKeys.filter((key) => settingOf.get(key)?.reload !== undefined);
    assert.deepEqual(Object.keys(effects).sort(), [...marked].sort());
  });
});

describe('a reload', { timeout: 60_000 }, () => {
  test('says what changed, in its answer, the log and the audit log', async (t) => {
    const node = await startNode(t);
    const { changes } = await node.reload('bindTimeout=3s', 'limits.batch=7');
    assert.deepEqual(changes, [
      { key: 'bindTimeout', old: '10s', new: '3s', effect: 'applied' },
      { key: 'limits.batch', old: 1000, new: 7, effect: 'needs_restart' },
    ]);
    const lines = node.logged.map((line) => JSON.parse(line)).filter(({ setting }) => setting !== undefined);
    assert.deepEqual(
      lines.map(({ setting, old, new: now, level }) => [setting, old, now, level]),
      [
        ['bindTimeout', '10s', '3s', 30],
        ['limits.batch', 1000, 7, 40],
      ],
    );
    await eventually('it is written down', () => existsSync(auditOf(node)) && readFileSync(auditOf(node)).length > 0);
    const { time: _, node: __, ...line } = JSON.parse(readFileSync(auditOf(node), 'utf8'));
    assert.deepEqual(line, {
      by: { kind: 'operator', role: 'admin', by: 'socket' },
      action: 'reload',
      outcome: 'ok',
      result: { applied: ['bindTimeout'], needsRestart: ['limits.batch'] },
    });
    assert.deepEqual(
      (await node.admin.reload()).changes.map(({ key }) => key),
      ['limits.batch'],
    );
  });

  test('that finds a mistake says every one and changes nothing', async (t) => {
    const node = await startNode(t);
    await assert.rejects(node.reload('bindTimeout=soon', 'log.level=debug', 'no.such=1'), (error) => {
      const { body } = error as { body?: { problems?: readonly string[] } };
      assert.equal(body?.problems?.length, 2, JSON.stringify(body));
      return refusal('bad_config')(error);
    });
    assert.ok(node.logged.some((line) => line.includes('not reloaded') && line.includes('no.such')));
    await eventually('it is written down', () => existsSync(auditOf(node)) && readFileSync(auditOf(node)).length > 0);
    assert.match(readFileSync(auditOf(node), 'utf8'), /"outcome":"bad_config"/);
    assert.deepEqual(
      await node.reload('bindTimeout=10s', 'log.level=info', 'no.such=1').catch(() => 'refused'),
      'refused',
    );
  });

  test('asked for by somebody who is not the operator is refused', async (t) => {
    const node = await startNode(t);
    const answer = await fetch(`${node.url}/admin/v1/reload`, { method: 'POST' });
    assert.equal(answer.status, 401);
  });
});

test('a login that waits for a hook gets in, whether a reload changes nothing or takes the hook away', async (t) => {
  const answers: ServerResponse[] = [];
  const hook = await startServer(t, (_, response) => answers.push(response));
  const { file: secretFile } = await tokenSource(t);
  const asking = (url: string) => `auth.tokens=${JSON.stringify([{ type: 'http', url, secretFile, timeout: '30s' }])}`;
  const node = await startNode(t, asking(hook.url));
  const client = connect(node, 'json', { url: `${node.ws}/ws?token=opaque` });
  await eventually('the hook is asked', () => answers.length === 1);
  assert.deepEqual((await node.reload()).changes, []);
  assert.equal((await node.reload(asking(`${hook.url}new`))).changes.length, 1);
  answers[0]?.end('{"uid":"alice"}');
  await (await client).next(({ type }) => type === 'hello', 'a welcome');
  assert.equal((await node.admin.user('alice')).connections, 1);
  assert.ok(!node.logged.some((line) => line.includes('no answer in time')), node.logged.join(''));
});

test('TLS neither begins nor ends without a restart', async (t) => {
  const authority = await createAuthority();
  t.after(() => authority[Symbol.asyncDispose]());
  const { cert, key } = await authority.issue('own');
  const node = await startNode(t);
  const { changes } = await node.reload(`tls.cert=${cert}`, `tls.key=${key}`);
  assert.deepEqual(
    changes.map(({ effect }) => effect),
    ['needs_restart', 'needs_restart'],
  );
  assert.equal((await fetch(`${node.url}/healthz`)).status, 200);
});

test('a file of systems that cannot be written keeps every setting from changing, and the next reload tries again', async (t) => {
  const node = await startNode(t, 'systems.list=shop');
  const { source } = await tokenSource(t);
  const other = new DatabaseSync(joinPath(node.dataDirectory, 'systems.db'));
  t.after(() => other.close());
  other.exec('BEGIN EXCLUSIVE');
  await assert.rejects(node.reload('systems.list=shop,bank', source, 'log.level=debug'), (error) => {
    const { body } = error as { body?: { message?: string; hint?: string } };
    assert.match(body?.message ?? '', /nothing was reloaded: the data directory cannot be written: database is locked/);
    assert.match(body?.hint ?? '', /systems\.db/);
    return refusal('unavailable')(error);
  });
  assert.ok(node.logged.some((line) => line.includes('not reloaded') && line.includes('database is locked')));
  await eventually('it is written down', () => existsSync(auditOf(node)) && readFileSync(auditOf(node)).length > 0);
  assert.match(
    readFileSync(auditOf(node), 'utf8'),
    /"outcome":"unavailable","result":\{"reason":"nothing was reloaded/,
  );
  await (await join(node, 'json')).close();
  await assert.rejects(node.admin.system('bank'), refusal('unknown_system'));
  other.exec('ROLLBACK');
  const { changes } = await node.admin.reload();
  assert.deepEqual(
    changes.map(({ key, effect }) => [key, effect]),
    [
      ['systems.list', 'applied'],
      ['auth.tokens', 'applied'],
      ['log.level', 'applied'],
    ],
  );
  await node.admin.system('bank');
  assert.equal(await closeCodeOf(node, `${node.ws}/ws`), 4500);
});

test('one part that is not ready keeps every other from changing', async (t) => {
  const node = await startNode(t);
  const source = 'auth.tokens=[{type: jwt, algorithm: HS256, secretFile: /nowhere/secret}]';
  await assert.rejects(node.reload(source, 'log.level=debug', 'auth.trustLoopback=false'), refusal('bad_config'));
  const { changes } = await node.reload('auth.tokens=[]');
  assert.deepEqual(
    changes.map(({ key }) => key),
    ['auth.trustLoopback', 'log.level'],
  );
});
