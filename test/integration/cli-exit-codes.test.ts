import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { flatten } from '../../src/cli/command-tree.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { Tenant } from '../support/tenant.ts';
import { cli, startCli, until, wholeTree } from '../unit/cli/run-cli.ts';

let folder: string;
let node: TestNode;
let nodeId: string;
let shop: Tenant;
let keyFile: string;
let weakKeyFile: string;
/** Takes connections, and never answers. */
let mute: Server;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yunque-exits-'));
  node = await startTestNode();
  nodeId = (await node.admin.version()).node;
  shop = new Tenant(node, 'shop');
  await shop.settle();
  const write = async (name: string, text: string) => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  keyFile = await write('admin.key', (await node.admin.rotateKey({ owner: 'operator', role: 'admin' })).key);
  weakKeyFile = await write('read.key', (await node.admin.rotateKey({ owner: 'operator', role: 'read' })).key);
  await write('token.secret', 'k'.repeat(44));
  await write('bad.yaml', 'log:\n  levle: 1\n');
  mute = createServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
});
after(async () => {
  mute.close();
  for (const client of shop.clients) client.close?.();
  await node[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** `CLIENT`, `NODE`, `FOLDER` and `MUTE` stand for those of this test. */
function wordsOf(line: string): string[] {
  const muteUrl = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  return (line.match(/'[^']*'|\S+/g) ?? []).map((word) =>
    word
      .replaceAll("'", '')
      .replace('CLIENT', shop.clients[0]?.clientId ?? '')
      .replace('NODE', nodeId)
      .replace('FOLDER', folder)
      .replace('MUTE', muteUrl),
  );
}

const env = () => ({ YUNQUE_SERVER: node.url, YUNQUE_KEY_FILE: keyFile, XDG_CONFIG_HOME: folder });

/** Each command that lists, and how its whole answer is called. */
const listings: readonly (readonly [line: string, schema: string])[] = [
  ['client ls', 'yunque.clients/1'],
  ['user ls', 'yunque.users/1'],
  ['user bans', 'yunque.bans/1'],
  ['user online u nobody', 'yunque.presences/1'],
  ['group ls', 'yunque.groups/1'],
  ['group members g -S shop', 'yunque.members/1'],
  ['system ls', 'yunque.systems/1'],
  ['key ls', 'yunque.keys/1'],
  ['node ls', 'yunque.nodes/1'],
  ['node ping', 'yunque.pings/1'],
  ['client history CLIENT -S shop', 'yunque.history/1'],
  ['ctx ls', 'yunque.contexts/1'],
  ['errors', 'yunque.errors/1'],
  ['config show', 'yunque.config/1'],
  ['doctor', 'yunque.doctor/1'],
];

describe('--json of every command that lists', () => {
  for (const [line, schema] of listings) {
    it(`${line}: one object of ${schema}, and with -o ndjson one a line`, async () => {
      const { out, err } = await cli([...wordsOf(line), '--json'], { env: env() });
      assert.equal(out.split('\n').length, 2, err);
      const record = JSON.parse(out);
      assert.equal(record.schema, schema);
      assert.ok(Object.values(record).some(Array.isArray), out);
      const lines = (await cli([...wordsOf(line), '-o', 'ndjson'], { env: env() })).out.split('\n').slice(0, -1);
      for (const each of lines) assert.match(JSON.parse(each).schema, /^yunque\.[\w.-]+\/\d+$/);
    });
  }

  it('is tested of every `ls`', async () => {
    const lists = flatten(await wholeTree()).filter(({ path }) => path.at(-1) === 'ls');
    for (const { path } of lists)
      assert.ok(
        listings.some(([line]) => line === path.join(' ')),
        path.join(' '),
      );
  });
});

/** Of each command what it exits with; in this order. */
const rows: readonly (readonly [exit: number, line: string])[] = [
  [0, 'stats'],
  [0, 'top --once --max-refresh 1'],
  [0, 'client ls'],
  [0, 'client show CLIENT -S shop'],
  [3, 'client show 999999 -S shop'],
  [0, 'client history CLIENT -S shop'],
  [3, 'client kick 999999 -S shop'],
  [0, 'user ls'],
  [0, 'user show u -S shop'],
  [3, 'user show nobody -S shop'],
  [0, 'user online u -S shop'],
  [3, 'user online nobody -S shop'],
  [3, 'user kick nobody -S shop'],
  [0, 'user ban banned --for 1h -S shop'],
  [0, 'user bans'],
  [0, 'user unban banned -S shop'],
  [3, 'user unban banned -S shop'],
  [2, 'user ban u --for 2y -S shop'],
  [2, 'user kick u b:u -S shop'],
  [0, 'group ls'],
  [2, 'group ls --where nonsense=1'],
  [0, 'group show g -S shop'],
  [3, 'group show nobodys -S shop'],
  [0, 'group members g -S shop'],
  [0, 'group join more CLIENT -S shop'],
  [3, 'group join more --uid nobody -S shop'],
  [7, 'group join more CLIENT 999999 -S shop'],
  [2, 'group join more -S shop'],
  [0, 'group leave more CLIENT -S shop'],
  [3, 'group leave more 999999 -S shop'],
  [0, 'group send g hello -S shop'],
  [3, 'group send nobodys hello -S shop'],
  [2, 'group rm g -S shop'],
  [3, 'group rm nobodys -S shop --yes'],
  [0, 'send --uid u hello -S shop'],
  [0, 'send --all --dry-run -S shop'],
  [3, 'send --uid nobody hello -S shop'],
  [0, 'send --uid nobody hello -S shop --allow-offline'],
  [7, 'send --uid u,nobody hello -S shop'],
  [2, 'send hello'],
  [2, 'send --uid u -S shop'],
  [1, 'send --all hello -S nowhere'],
  [0, 'system ls'],
  [0, 'system add tried'],
  [1, 'system add tried'],
  [0, 'system show tried'],
  [1, 'system show nowhere'],
  [0, 'system rotate-key tried'],
  [2, 'system rm tried'],
  [7, 'system rm tried nowhere --yes'],
  [1, 'system rm nowhere --yes'],
  [0, 'key ls'],
  [0, 'key rotate --operator --role read'],
  [2, 'key rotate --role read'],
  [2, 'key rm nokey'],
  [1, 'key rm nokey --yes'],
  [0, 'node ls'],
  [0, 'node show'],
  [1, 'node show nowhere'],
  [0, 'node ping'],
  [1, 'node ping nowhere'],
  [1, 'node drain nowhere --yes'],
  [1, 'node resume nowhere'],
  [2, 'node heap-snapshot'],
  [0, 'reload'],
  [2, 'reload -S shop'],
  [2, 'stats -S shop'],
  [2, 'stop -S shop'],
  [3, 'ctx show'],
  [0, 'ctx add tried -s 7001'],
  [0, 'ctx ls'],
  [0, 'ctx use tried'],
  [0, 'ctx show tried'],
  [7, 'ctx rm tried nowhere'],
  [2, 'ctx rm nowhere'],
  [2, 'stats -C nowhere'],
  [0, 'token mint --uid u --secret-file FOLDER/token.secret'],
  [2, 'token mint --uid u'],
  [2, 'token check aaaa'],
  [2, 'id decode 4711'],
  [0, 'config show'],
  [78, 'config check FOLDER/bad.yaml'],
  [78, 'config show --config FOLDER/bad.yaml'],
  [78, 'serve 0 --config FOLDER/bad.yaml'],
  [0, 'config init FOLDER/new.yaml'],
  [1, 'config init FOLDER/new.yaml'],
  [0, 'config convert FOLDER/new.yaml'],
  [0, 'errors'],
  [2, 'errors nothing'],
  [0, 'proto push'],
  [2, 'proto nothing'],
  [0, 'man'],
  [0, 'version'],
  [0, 'completion bash'],
  [2, 'completion tcsh'],
  [2, "check --no-probe --interval 100ms --critical 'nodes>5'"],
  [3, 'check --critical nonsense'],
  [2, 'bench api --rate 0'],
  [0, 'bench api /getOnlineUser --method GET --duration 100ms --warmup 0s --rate 10 -S shop'],
];

/** Of each of these there are tests of its own: they run until something comes, or say what this machine is like. */
const elsewhere = ['connect', 'tail', 'bench fanout', 'bench unicast', 'bench group', 'bench connect', 'doctor'];

describe('the exit code', () => {
  it('is tested of every command', async () => {
    const leaves = flatten(await wholeTree()).filter(({ children, path }) => children.length === 0 && path.length > 0);
    const untested = leaves
      .map(({ path }) => path.join(' '))
      .filter((name) => !rows.some(([, line]) => `${line} `.startsWith(`${name} `)));
    assert.deepEqual(untested.sort(), elsewhere.toSorted());
  });

  for (const [exit, line] of rows) {
    it(`of ${line} is ${exit}`, async () => {
      const ran = await cli(wordsOf(line), { env: env() });
      assert.equal(ran.exit, exit, `${ran.out}${ran.err}`);
      assert.notEqual(ran.out + ran.err, exit === 0 ? undefined : '', 'a failure says why');
    });
  }

  /** Those that ask a node, changes among them. */
  const asking = [
    'stats',
    'client ls',
    'user show u',
    'group ls',
    'system ls',
    'key ls',
    'node ls',
    'reload',
    'send --all x',
    'client kick 1',
    'user online u',
    'node ping',
    'client history u',
    'top --once',
  ];

  it('of whatever asks a node is 5 where nobody listens, and 6 where no answer comes in time', async () => {
    await Promise.all(
      asking.flatMap((line) => [
        cli([...wordsOf(line), '-s', '127.0.0.1:1']).then(({ exit, err }) => assert.equal(exit, 5, `${line}: ${err}`)),
        cli([...wordsOf(line), ...wordsOf('-s MUTE --timeout 300ms')]).then(({ exit, err }) =>
          assert.equal(exit, 6, `${line}: ${err}`),
        ),
      ]),
    );
  });

  it('is 4 where the key is missing or may not do it', async () => {
    const denied = { ...env(), YUNQUE_KEY_FILE: weakKeyFile };
    for (const line of [
      'send --all x -S shop',
      'client kick CLIENT -S shop',
      'system add x',
      'reload',
      'key rotate --operator --role read',
    ])
      assert.equal((await cli(wordsOf(line), { env: denied })).exit, 4, line);
    for (const line of asking)
      assert.equal(
        (await cli(wordsOf(line), { env: { ...env(), YUNQUE_KEY_FILE: '', YUNQUE_KEY: 'wrong' } })).exit,
        4,
        line,
      );
  });

  it('is 130 after Ctrl-C, whatever was waited for', async () => {
    for (const line of ['stats', 'client ls', 'send --all x', 'node ping']) {
      const running = startCli([...wordsOf(line), ...wordsOf('-s MUTE')]);
      const connected = new Promise((resolve) => mute.once('connection', resolve));
      await connected;
      running.interrupt();
      assert.equal((await running.done).exit, 130, line);
    }
    const watching = startCli(['stats', '--watch', '100ms'], { env: env() });
    await until(() => watching.out() !== '');
    watching.interrupt();
    assert.equal((await watching.done).exit, 130);
  });
});
