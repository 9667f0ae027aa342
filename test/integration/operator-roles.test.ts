import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { operatorRoles } from '../../src/api/principal.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { createAdminClient } from '../../src/client/admin-client.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { Tenant } from '../support/tenant.ts';
import { cli } from '../unit/cli/run-cli.ts';

type Role = (typeof operatorRoles)[number];

/** Every command that asks a node, and the least role of the operator's key it takes. */
const least: readonly (readonly [args: string, role: Role])[] = [
  ['stats', 'read'],
  ['top --once --max-refresh 1', 'read'],
  ['top --once --max-refresh 1 --view clients', 'read'],
  ['group ls', 'read'],
  ['group show g', 'read'],
  ['group members g', 'read'],
  ['client ls', 'read'],
  ['client show CLIENT', 'read'],
  ['client history CLIENT', 'read'],
  ['user ls', 'read'],
  ['user show u', 'read'],
  ['user online u', 'read'],
  ['user bans', 'read'],
  ['node ls', 'read'],
  ['node show', 'read'],
  ['node ping', 'read'],
  ['system ls', 'read'],
  ['system show shop', 'read'],
  ['key ls', 'read'],
  ['send --all --dry-run', 'read'],
  ['send --all hello', 'operate'],
  ['group send g hello', 'operate'],
  ['group join more CLIENT', 'operate'],
  ['group leave g CLIENT', 'operate'],
  ['group rm g', 'operate'],
  ['client kick CLIENT', 'operate'],
  ['user kick u', 'operate'],
  ['user ban u --for 1h', 'operate'],
  ['user unban u', 'operate'],
  ['system add theirs', 'admin'],
  ['system rotate-key shop', 'admin'],
  ['system rm shop', 'admin'],
  ['key rotate --operator --role admin', 'admin'],
  ['key rm KEY', 'admin'],
  ['node heap-snapshot', 'admin'],
  ['node drain NODE', 'admin'],
  ['node resume NODE', 'admin'],
  ['reload', 'admin'],
  ['stop --now', 'admin'],
];
/** Nothing passes: test/integration/tail.test.ts has what who may see. */
const quiet = ['tail'];
/** `check` exits as monitoring plugins do, and `doctor` needs no node: their own tests have that. */
const monitoring = ['check', 'doctor'];
/** Those that ask no node, and `connect`, which is a client's. */
/** They ask no node, or as a load does: with a key that they make where they are given none. */
const local = [
  'bench fanout',
  'bench unicast',
  'bench group',
  'bench connect',
  'bench api',
  'serve',
  'connect',
  'token mint',
  'man',
  'ctx add',
  'ctx ls',
  'ctx use',
  'ctx show',
  'ctx rm',
  'token check',
  'id decode',
  'errors',
  'proto',
  'version',
  'completion',
];
const ofConfig = ['config init', 'config check', 'config show', 'config convert'];
/** What is of the whole node takes no -S. */
const ofNode = /^(stats|system|key rotate|key rm|node|reload|stop|top --once --max-refresh 1$)/;

let folder: string;
let node: TestNode;
let shop: Tenant;
let keyId: string;
let nodeId: string;
const keyFiles = new Map<Role, string>();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yunque-roles-'));
  node = await startTestNode();
  nodeId = (await node.admin.version()).node;
  shop = new Tenant(node, 'shop');
  await shop.settle();
  for (const role of operatorRoles) {
    const { key, info } = await node.admin.rotateKey({ owner: 'operator', role });
    keyId = info.id;
    const file = join(folder, `${role}.key`);
    await writeFile(file, `${key}\n`, { mode: 0o600 });
    keyFiles.set(role, file);
  }
});
after(async () => {
  await node[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function run(args: string, role: Role) {
  const words = args
    .replace('CLIENT', shop.clients[0]?.clientId ?? '')
    .replace('KEY', keyId)
    .replace('NODE', nodeId)
    .split(' ');
  const system = ofNode.test(args) ? [] : ['-S', 'shop'];
  const env = { YUNQUE_SERVER: node.url, YUNQUE_KEY_FILE: keyFiles.get(role) ?? '' };
  return cli([...words, ...system, '--yes'], { env });
}

const mayNot = (role: Role, needed: Role) => operatorRoles.indexOf(role) < operatorRoles.indexOf(needed);

test('every command is known to ask a node, or not to', async () => {
  const all: string[] = [];
  for (const { name } of commands) {
    const { out } = await cli([name, '--help']);
    const below = /^Commands:\n((?: {2}.*\n)+)/m.exec(out)?.[1] ?? '';
    const children = [...below.matchAll(/^ {2}([a-z][\w-]*)/gm)]
      .map(([, child]) => child)
      .filter((child) => child !== 'help');
    all.push(...(children.length === 0 ? [name] : children.map((child) => `${name} ${child}`)));
  }
  const known = new Set([
    ...local,
    ...ofConfig,
    ...monitoring,
    ...quiet,
    ...least.map(([args]) => all.find((name) => `${args} `.startsWith(`${name} `))),
  ]);
  assert.deepEqual(
    all.filter((name) => !known.has(name)),
    [],
  );
});

for (const role of ['read', 'operate'] as const) {
  test(`with a key of role ${role} the node refuses what is above it: exit 4, with the role that may, and nothing is done`, async () => {
    const before = [await shop.look(), await node.admin.systems(), await node.admin.keys()];
    for (const [args, needed] of least) {
      if (!mayNot(role, needed)) continue;
      const { exit, out, err } = await run(args, role);
      assert.equal(exit, 4, `${args}: ${out}${err}`);
      assert.equal(out, '', args);
      assert.match(err, new RegExp(`a key of role ${role} may not do this`), args);
      assert.match(err, new RegExp(`use one of role ${needed}`), args);
    }
    assert.deepEqual([await shop.look(), await node.admin.systems(), await node.admin.keys()], before);
  });
}

for (const role of operatorRoles) {
  test(`with a key of role ${role} everything that only asks is answered`, async () => {
    for (const [args] of least.filter(([, needed]) => needed === 'read')) {
      const { exit, out, err } = await run(args, role);
      assert.equal(exit, 0, `${args}: ${err}`);
      assert.notEqual(out, '', args);
    }
  });
}

test('with a key of role operate messages, groups and clients are the operator’s', async () => {
  for (const [args] of least.filter(([, needed]) => needed === 'operate')) {
    await shop.restore();
    if (args.startsWith('user unban')) await node.admin.ban('u', { system: 'shop', forMs: 60_000 });
    const { exit, err } = await run(args, 'operate');
    assert.equal(exit, 0, `${args}: ${err}`);
  }
});

test('with a key of role admin the rest too, to the end of the node', async () => {
  for (const [args] of least.filter(([args, needed]) => needed === 'admin' && !args.startsWith('node '))) {
    const { exit, err } = await run(args === 'key rm KEY' ? `key rm ${await spareKey()}` : args, 'admin');
    assert.equal(exit, 0, `${args}: ${err}`);
  }
});

async function spareKey(): Promise<string> {
  const { info } = await node.admin.rotateKey({ owner: 'operator', role: 'read' });
  return info.id;
}

test('a system’s own key is no operator’s, whatever its role', async () => {
  await using other = await startTestNode({ set: ['systems.list=shop'] });
  const { key } = await other.admin.rotateKey({ owner: 'system', system: 'shop', role: 'admin' });
  for (const args of [['stats'], ['user', 'ls', '-S', 'shop'], ['send', '--all', 'x', '-S', 'shop']]) {
    const { exit, err } = await cli(args, { env: { YUNQUE_SERVER: other.url, YUNQUE_KEY: key } });
    assert.equal(exit, 4);
    assert.match(err, /a system’s own key may not do this/);
  }
});

test('top --readonly asks for the role read, and the node then refuses changes to the holder of any key', async () => {
  await using own = await startTestNode();
  const client = createAdminClient({ socketPath: own.node.operator.socketFile, role: 'read' });
  assert.equal((await client.stats()).nodes.length, 1);
  await assert.rejects(client.kickUser('u'), /a key of role read may not do this/);
  const asked: unknown[] = [];
  const server = createServer(({ headers }, response) => {
    asked.push(headers['x-yunque-role']);
    response.writeHead(403).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const at = ['-s', `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
    for (const words of [['--readonly'], []]) {
      await cli(['top', '--once', '--max-refresh', '1', ...words, ...at], { env: { YUNQUE_KEY: 'k'.repeat(20) } });
      asked.push('next');
    }
    const first = asked.slice(0, asked.indexOf('next'));
    assert.ok(first.length > 0 && first.every((role) => role === 'read'), String(first));
    assert.ok(asked.slice(first.length).every((role) => role !== 'read'));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
