import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { handlings } from '../../src/cli/dry-run/handling.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { Tenant } from '../support/tenant.ts';
import { cli } from '../unit/cli/run-cli.ts';

let folder: string;
let node: TestNode;
let nodeId: string;
let shop: Tenant;
let spare: string;
const keyFile = (role: 'read' | 'admin') => join(folder, `${role}.key`);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yunque-dry-'));
  node = await startTestNode();
  nodeId = (await node.admin.version()).node;
  shop = new Tenant(node, 'shop');
  await shop.settle();
  for (const role of ['read', 'admin'] as const)
    await writeFile(keyFile(role), (await node.admin.rotateKey({ owner: 'operator', role })).key, { mode: 0o600 });
  spare = (await node.admin.rotateKey({ owner: 'operator', role: 'operate' })).info.id;
  await writeFile(join(folder, 'token.secret'), 'k'.repeat(44), { mode: 0o600 });
});
after(async () => {
  for (const client of shop.clients) client.close?.();
  await node[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function run(line: string, role: 'read' | 'admin', ...more: string[]) {
  const words = (line.match(/'[^']*'|\S+/g) ?? []).map((word) =>
    word
      .replaceAll("'", '')
      .replace('CLIENT', shop.clients[0]?.clientId ?? '')
      .replace('NODE', nodeId)
      .replace('SPARE', spare)
      .replace('FOLDER', folder),
  );
  const env = { YUNQUE_SERVER: node.url, YUNQUE_KEY_FILE: keyFile(role), XDG_CONFIG_HOME: folder };
  return cli([...words, ...more], { env });
}

/** Of a file the content, of a folder what is in it. */
async function filesOf(path: string): Promise<unknown> {
  if ((await stat(path)).isFile()) return await readFile(path, 'utf8');
  const names = (await readdir(path)).toSorted();
  return await Promise.all(names.map(async (name) => [name, await filesOf(join(path, name))]));
}

/** All that a command could change. */
async function look(): Promise<unknown> {
  const { admin, dataDirectory } = node;
  const [{ state, drain, disconnects, deliveriesTotal, ...stats }, systems, keys, bans] = await Promise.all([
    admin.node(nodeId),
    admin.systems(),
    admin.keys({ limit: 1000 }),
    admin.bans(),
  ]);
  const { probe: _own, ...messagesIn } = stats.messagesIn;
  return {
    node: { state, drain, disconnects, deliveriesTotal, messagesIn, groups: stats.groups },
    systems: systems.items,
    keys: keys.items,
    bans: bans.items,
    shop: await shop.look(),
    files: await filesOf(folder),
    dataFiles: await readdir(dataDirectory),
  };
}

type Affected = Readonly<Record<string, number>>;

/** What each command would exit with, and whom it says it would affect; run in this order, for each changes what the next one meets. */
const rows: readonly (readonly [line: string, exit: number, affected?: Affected])[] = [
  ['send --uid u hello -S shop', 0, { connections: 1 }],
  ['send --all hello -S shop --exclude u', 0, { connections: 3 }],
  ['send --uid u,nobody hello -S shop', 7, { connections: 1 }],
  ['send --uid nobody hello -S shop', 3, {}],
  ['send --uid nobody hello -S shop --allow-offline', 0, {}],
  ['send --all hello -S nowhere', 1],
  ['send hello', 2],
  ['send --all hello --rate 5 -S shop', 2],
  ['group send g hello -S shop', 0, { connections: 4 }],
  ['group send nobodys hello -S shop', 3, {}],
  ['group join more CLIENT -S shop', 0, { connections: 1 }],
  ['group join more CLIENT 999999 -S shop', 7, {}],
  ['group join more --uid u -S shop', 0, { connections: 1 }],
  ['group join more --uid nobody -S shop', 3, {}],
  ['group join more -S shop', 2],
  ['group leave more CLIENT -S shop', 0, { connections: 1 }],
  ['group leave more CLIENT -S shop', 0, {}],
  ['group leave more 999999 -S shop', 3, {}],
  ['group rm more -S shop', 0, { connections: 1 }],
  ['group rm more -S shop', 3, {}],
  ['client kick CLIENT -S shop', 0, { connections: 1 }],
  ['client kick CLIENT 999999 -S shop', 7, { connections: 1 }],
  ['client kick 999999 -S shop', 3, {}],
  ['client kick CLIENT -S nowhere', 1],
  ['user kick u b:u -S shop', 0, { connections: 2 }],
  ['user kick nobody -S shop', 3, {}],
  ['user ban u --for 1h -S shop', 0, { bans: 1, connections: 1 }],
  ['user ban nobody --for 1h -S shop', 0, { bans: 1 }],
  ['user unban nobody -S shop', 0, { bans: 1 }],
  ['user unban nobody -S shop', 3, {}],
  ['system add tried', 0, { systems: 1 }],
  ['system add $tried', 2],
  ['user ban \u0007 --for 1h -S shop', 2],
  ['group join \u0007 CLIENT -S shop', 2],
  ['system add tried', 1],
  ['system rm tried', 0, { systems: 1 }],
  ['system add tried', 0, { systems: 1 }],
  ['system rotate-key tried', 0, { keys: 1 }],
  ['system rotate-key tried --ttl 1d', 0, { keys: 1 }],
  ['system rotate-key tried', 0, { keys: 2 }],
  ['system rotate-key tried --now', 0, { keys: 3 }],
  ['system rotate-key nowhere', 1],
  ['key rotate --operator --role operate', 0, { keys: 1 }],
  ['key rotate --operator --role push', 2],
  ['key rm SPARE nokey', 7, { keys: 1 }],
  ['key rm nokey', 1],
  ['system rm tried nowhere', 7, { systems: 1, keys: 1 }],
  ['system rm tried', 1],
  ['system rm default', 2],
  ['node drain nowhere', 1],
  ['node drain NODE --rate 1000/s', 0, { nodes: 1, connections: 4 }],
  ['node resume NODE', 0, { nodes: 1 }],
  ['node resume', 0, {}],
  ['node resume nowhere', 1],
  ['node heap-snapshot', 0, { files: 1 }],
  ['node heap-snapshot -S shop', 2],
  ['reload', 0, { nodes: 1 }],
  ['reload -S shop', 2],
  ['token mint --uid u --secret-file FOLDER/token.secret', 0, { tokens: 1 }],
  ['token mint --uid u', 2],
  ['ctx add tried -s 7001', 0, { contexts: 1 }],
  ['ctx add tried -s 7002 --use', 0, { contexts: 1 }],
  ['ctx add bad/name -s 7001', 2],
  ['ctx add tried', 2],
  ['ctx use tried', 0, {}],
  ['ctx use --none', 0, { contexts: 1 }],
  ['ctx use tried', 0, { contexts: 1 }],
  ['ctx use nowhere', 2],
  ['ctx rm tried nowhere', 7, { contexts: 1 }],
  ['ctx rm nowhere', 2],
  ['config init FOLDER/new/config.yaml', 0, { files: 1 }],
  ['config init FOLDER/new/config.yaml', 1],
  ['config init FOLDER/token.secret/config.yaml', 1],
  ['stop --now', 0, { nodes: 1, connections: 4 }],
  ['stop -S shop', 2],
];

/** A snapshot stands this whole test still, and a node that has stopped is of no use to it. */
const notRun = /^(node heap-snapshot|stop)/;

describe('--dry-run', () => {
  it('is tested of every command that has a plan', () => {
    const planned = Object.entries(handlings).filter(
      ([, handling]) => typeof handling === 'object' && 'plans' in handling,
    );
    for (const [name] of planned)
      assert.ok(
        rows.some(([line, , affected]) => affected !== undefined && `${line} `.startsWith(`${name} `)),
        name,
      );
  });

  for (const [line, exit, affected] of rows) {
    it(`of ${line} changes nothing, with a key that may only read, and foretells ${exit}`, async () => {
      // A drained node takes nobody back.
      if (line !== 'node resume NODE') await shop.restore();
      const before = await look();
      const tried = await run(line, 'read', '--dry-run', '--json');
      assert.deepEqual(await look(), before);
      assert.equal(tried.exit, exit, tried.err);
      if (affected === undefined) assert.equal(tried.out, '');
      else {
        const plan = JSON.parse(tried.out);
        assert.deepEqual([plan.schema, plan.affected, plan.exit], ['yunque.dry-run/1', affected, exit]);
        assert.ok(`${line} `.startsWith(`${plan.command} `), plan.command);
        assert.equal(plan.would.length > 0, Object.keys(affected).length > 0);
        assert.match(tried.err, /nothing was done: this was --dry-run\n/);
      }
      if (notRun.test(line)) return;
      const done = await run(line, 'admin', '--yes', '--json');
      assert.equal(done.exit, exit, `the command itself: ${done.err}`);
      const [sentence] = done.err.split('\n');
      if (affected === undefined && !/mkdir/.test(done.err)) assert.equal(tried.err.split('\n')[0], sentence);
      const { closed, matched } = done.out === '' ? {} : JSON.parse(done.out);
      if (/ (kick|ban) /.test(line) && affected !== undefined) assert.equal(closed, affected['connections'] ?? 0);
      if (/send/.test(line) && affected !== undefined) assert.equal(matched, affected['connections'] ?? 0);
    });
  }

  it('of commands that change nothing is what they do without it', async () => {
    const steady = (text: string) =>
      text.replaceAll(/"(age|idle|uptime|cpu)?Seconds":[\d.]+|"time":\d+|"ms":[\d.]+/g, '');
    for (const line of [
      'user ls -S shop',
      'system ls',
      'key ls',
      'group members g -S shop',
      'node ping',
      'user online u -S shop',
      'user bans',
    ]) {
      const [plain, tried] = [await run(line, 'read', '--json'), await run(line, 'read', '--json', '--dry-run')];
      assert.deepEqual([tried.exit, steady(tried.out)], [plain.exit, steady(plain.out)], line);
      assert.equal(tried.exit, 0);
    }
  });
});
