import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { judgePair } from '../../../src/cli/doctor/checks/certificates.ts';
import { judgeClock } from '../../../src/cli/doctor/checks/clock.ts';
import { judgeMemory } from '../../../src/cli/doctor/checks/memory.ts';
import { judgeRedis } from '../../../src/cli/doctor/checks/redis.ts';
import { type CheckName, checks } from '../../../src/cli/doctor/checks.ts';
import { examine, worstOf } from '../../../src/cli/doctor/examine.ts';
import { type Examine, type Finding, ok } from '../../../src/cli/doctor/finding.ts';
import { clockSeen, type NodeSeen, type Patient } from '../../../src/cli/doctor/patient.ts';
import type { RedisSeen } from '../../../src/cli/doctor/redis-seen.ts';
import { readConfig } from '../../../src/config/load-config.ts';
import { version } from '../../../src/util/version.ts';
import { type Authority, createAuthority } from '../../support/certificates.ts';
import { defaultConfig } from '../../support/default-config.ts';
import { eventually } from '../../support/eventually.ts';
import { cli, startCli } from './run-cli.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yunque-doctor-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const nodeSeen: NodeSeen = {
  where: 'here',
  id: 'n1',
  version: version(),
  versions: new Map([['n1', version()]]),
  isHere: true,
  pids: [4711],
  clock: { aheadMs: 0, uncertainMs: 1 },
};

const patient = (more: Partial<Patient> = {}, files: Readonly<Record<string, string>> = {}): Patient => ({
  platform: 'linux',
  env: {},
  config: { ...defaultConfig(), port: 0 },
  configuration: { problems: [], warnings: [], files: [] },
  dataDirectory: folder,
  connections: undefined,
  timeoutMs: 1000,
  read: (file) => files[file],
  node: async () => undefined,
  redis: async () => [],
  ...more,
});

const look = async (check: CheckName, more: Partial<Patient> = {}, files: Readonly<Record<string, string>> = {}) =>
  await checks[check](patient(more, files));
const levelsOf = (findings: readonly Finding[]) => findings.map(({ level }) => level);

describe('the checks of yunque doctor', () => {
  it('compare the limit of descriptors of the node that runs with the connections it should hold', async () => {
    const files = {
      '/proc/4711/limits': 'Limit   Soft   Hard\nMax open files            20000                20000    files\n',
    };
    const seen = { node: async () => nodeSeen };
    for (const [connections, level] of [
      [10_000, 'ok'],
      [19_500, 'warning'],
      [20_001, 'failed'],
    ] as const) {
      const [finding] = await look('descriptors', { ...seen, connections }, files);
      assert.equal(finding?.level, level);
      assert.match(finding?.found ?? '', /process 4711, may open 20000 /);
    }
    const few = { '/proc/4711/limits': 'Max open files            1024                20000    files\n' };
    assert.deepEqual(levelsOf(await look('descriptors', seen, few)), ['warning']);
  });

  it('want a backlog as long as a node asks for', async () => {
    const files = { '/proc/sys/net/core/somaxconn': '128\n', '/proc/sys/net/ipv4/tcp_max_syn_backlog': '4096\n' };
    const [first, second] = await look('backlog', {}, files);
    assert.deepEqual([first?.level, second?.level], ['warning', 'ok']);
    assert.match(first?.hint ?? '', /^sysctl -w net\.core\.somaxconn=4096/);
    assert.deepEqual(levelsOf(await look('backlog')), ['skipped', 'skipped']);
  });

  it('find ports that an outgoing connection may take, unless they are kept from it', async () => {
    const range = { '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n' };
    const on = (port: number): Partial<Patient> => ({ config: { ...defaultConfig(), port } });
    assert.deepEqual(levelsOf(await look('port range', on(666), range)), ['ok']);
    const [taken] = await look('port range', on(40_000), range);
    assert.equal(taken?.level, 'warning');
    assert.match(taken?.found ?? '', /40000 \(port\)/);
    const reserved = { ...range, '/proc/sys/net/ipv4/ip_local_reserved_ports': '1000,39000-41000\n' };
    assert.deepEqual(levelsOf(await look('port range', on(40_000), reserved)), ['ok']);
    const narrow = { '/proc/sys/net/ipv4/ip_local_port_range': '60000 60999' };
    assert.deepEqual(levelsOf(await look('port range', on(666), narrow)), ['warning']);
  });

  it('weigh the memory against the heap limit and the connections', () => {
    const GiB = 1024 ** 3;
    const memory = { total: 4 * GiB, free: 2 * GiB, heapLimit: 2 * GiB };
    assert.deepEqual(levelsOf(judgeMemory(memory, 60_000)), ['ok']);
    assert.deepEqual(levelsOf(judgeMemory({ ...memory, heapLimit: 5 * GiB }, undefined)), ['failed']);
    assert.deepEqual(levelsOf(judgeMemory({ ...memory, free: GiB / 8 }, undefined)), ['warning']);
    assert.deepEqual(levelsOf(judgeMemory(memory, 1_000_000)), ['failed']);
  });

  it('compare the clock with those of the node and of Redis, as well as they could be read', async () => {
    assert.deepEqual(clockSeen(1500, 1000, 1200), { aheadMs: 400, uncertainMs: 100 });
    for (const [aheadMs, uncertainMs, level] of [
      [900, 1, 'ok'],
      [-900, 1, 'ok'],
      [3000, 2500, 'ok'],
      [-3000, 1, 'warning'],
      [40_000, 1, 'failed'],
    ] as const) {
      assert.equal(judgeClock('it', { aheadMs, uncertainMs }).level, level);
    }
    const behind = { ...nodeSeen, clock: { aheadMs: -5000, uncertainMs: 0 } };
    const [finding] = await look('clock', { node: async () => behind });
    assert.match(finding?.found ?? '', /is 5\.0 s behind this one/);
    assert.deepEqual(levelsOf(await look('clock')), ['skipped']);
  });

  it('want a data directory that can be written, and that is nobody else’s', async () => {
    const own = join(folder, 'own');
    await mkdir(own, { mode: 0o700 });
    assert.deepEqual(levelsOf(await look('data directory', { dataDirectory: own })), ['ok']);
    assert.match((await look('data directory', { dataDirectory: join(own, 'a', 'b') }))[0]?.found ?? '', /can be made/);
    await chmod(own, 0o755);
    assert.match((await look('data directory', { dataDirectory: own }))[0]?.hint ?? '', /^chmod 0700/);
    const file = join(folder, 'file');
    await writeFile(file, '');
    assert.deepEqual(levelsOf(await look('data directory', { dataDirectory: file })).slice(0, 1), ['failed']);
  });

  it('say of each port whether it is free, and who holds it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const on: Partial<Patient> = { config: { ...defaultConfig(), port, host: '127.0.0.1' } };
    const texts = await Promise.all(
      ['/proc/net/tcp', '/proc/net/tcp6'].map(async (name) => [name, await readFile(name, 'utf8').catch(() => '')]),
    );
    const files = { ...Object.fromEntries(texts), [`/proc/${process.pid}/comm`]: 'tester\n' };
    const [held] = await look('ports', on, files);
    assert.equal(held?.level, 'failed');
    if (process.platform === 'linux')
      assert.match(held?.found ?? '', new RegExp(`is held by process ${process.pid} \\(tester\\)`));
    const ours = async () => ({ ...nodeSeen, pids: [process.pid] });
    assert.deepEqual(levelsOf(await look('ports', { ...on, node: ours }, files)), ['ok']);
    await new Promise((resolve) => server.close(resolve));
    assert.deepEqual(levelsOf(await look('ports', on)), ['ok']);
  });

  it('mind what of Redis a cluster suffers from', () => {
    const seen = (info: Readonly<Record<string, string>>, saves = '3600 1'): RedisSeen => ({
      where: 'r:6379',
      ms: 1,
      info: new Map(Object.entries({ redis_version: '7.2.0', ...info })),
      saves,
      clock: { aheadMs: 0, uncertainMs: 0 },
    });
    const bounded = { maxmemory: '1000', maxmemory_policy: 'allkeys-lru' };
    assert.deepEqual(levelsOf(judgeRedis(seen({}), true)), ['ok']);
    assert.deepEqual(levelsOf(judgeRedis(seen(bounded), true)), ['warning']);
    assert.deepEqual(levelsOf(judgeRedis(seen(bounded), false)), ['ok']);
    assert.deepEqual(levelsOf(judgeRedis(seen({}, ''), true)), ['warning']);
    assert.deepEqual(levelsOf(judgeRedis(seen({ aof_enabled: '1' }, ''), true)), ['ok']);
    assert.deepEqual(levelsOf(judgeRedis(seen({ role: 'slave' }), false)), ['failed']);
    assert.deepEqual(levelsOf(judgeRedis({ where: 'r', failure: 'connect ECONNREFUSED' }, true)), ['failed']);
  });

  it('connect to every place that requests go to, once each, and send nothing', async () => {
    const heard: string[] = [];
    const server = createServer((socket) => socket.on('data', (bytes) => heard.push(bytes.toString())));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const file = join(folder, 'endpoints.yaml');
    const hook = (url: string) => `{type: http, url: "${url}", secret: 0123456789abcdef0123456789abcdef}`;
    const sinks = [`http://127.0.0.1:${port}/a`, `http://127.0.0.1:${port}/b`, 'http://127.0.0.1:1/'];
    await writeFile(file, `port: 0\nhost: 127.0.0.1\nevents: {sinks: [${sinks.map(hook).join(', ')}]}\n`, {
      mode: 0o600,
    });
    const { config } = readConfig({ flags: { config: file }, env: {}, cwd: folder });
    const findings = await look('endpoints', { config });
    assert.deepEqual(
      findings.map(({ level, found }) => `${level} ${found.replace(/\d+ ms/, 'N ms')}`),
      [`ok http://127.0.0.1:${port}: connected in N ms`, 'failed http://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1'],
    );
    assert.deepEqual(heard, []);
    server.close();
    assert.deepEqual(levelsOf(await look('endpoints')), ['skipped']);
  });

  it('compare the node that runs with this program, and with the others of its cluster', async () => {
    const of = async (more: Partial<NodeSeen>) =>
      levelsOf(await look('version', { node: async () => ({ ...nodeSeen, ...more }) }));
    assert.deepEqual(await of({}), ['ok']);
    assert.deepEqual(await of({ version: '9.9.9', versions: new Map([['n1', '9.9.9']]) }), ['warning']);
    assert.deepEqual(await of({ versions: new Map([['n2', '0.0.1']]) }), ['warning']);
    const silent = { node: () => Promise.reject(new Error('no answer')) };
    assert.deepEqual(levelsOf(await look('version', silent)), ['failed']);
    assert.deepEqual(levelsOf(await look('version')), ['skipped']);
  });

  it('find files with secrets that others can read', async () => {
    const secret = join(folder, 'hmac.secret');
    await writeFile(secret, 'x', { mode: 0o600 });
    const env = { YUNQUE_CRYPTO_KEY_FILE: secret };
    assert.deepEqual(levelsOf(await look('secrets', { env })), ['ok']);
    await chmod(secret, 0o644);
    const [open] = await look('secrets', { env });
    assert.deepEqual([open?.level, open?.hint], ['failed', `chmod o-rwx ${secret}`]);
    assert.deepEqual(levelsOf(await look('secrets', { env, platform: 'win32' })), ['skipped']);
  });

  it('that are of Linux say so elsewhere', async () => {
    for (const check of ['backlog', 'port range'] as const) {
      assert.deepEqual(await look(check, { platform: 'darwin' }), [{ level: 'skipped', found: 'Linux only' }]);
    }
  });
});

describe('certificates', () => {
  let authority: Authority;
  before(async () => {
    authority = await createAuthority();
  });
  after(() => authority[Symbol.asyncDispose]());

  it('are judged by their dates, by their order and by their key', async () => {
    const { cert, key } = await authority.issue('server');
    const other = await authority.issue('other');
    const judge = (pair: { readonly cert: string; readonly key?: string }, now = Date.now()) =>
      judgePair({ setting: 'tls.cert', key: undefined, ...pair }, now).map(({ level, found }) => `${level} ${found}`);
    assert.match(judge({ cert, key })[0] ?? '', /^warning .*server, expires in 1 days$/);
    assert.match(judge({ cert }, Date.now() + 3 * 86_400_000)[0] ?? '', /^failed .* has expired on /);
    assert.match(judge({ cert }, Date.now() - 3 * 86_400_000)[0] ?? '', /^failed .* is valid from /);
    assert.ok(judge({ cert, key: other.key }).some((line) => /^failed .* is not the key of /.test(line)));
    const [ca, own] = await Promise.all([readFile(authority.file, 'utf8'), readFile(cert, 'utf8')]);
    const good = join(authority.folder, 'good.pem');
    const bad = join(authority.folder, 'bad.pem');
    await writeFile(good, own + ca);
    await writeFile(bad, ca + own);
    assert.ok(judge({ cert: good }).every((line) => !line.startsWith('failed')));
    assert.ok(judge({ cert: bad }).some((line) => /^failed .*certificate 2 did not issue/.test(line)));
    const long = await authority.issue('long', { days: 300 });
    assert.match(judge(long)[0] ?? '', /^ok .* is good for 299 days, and its key belongs to it$/);
  });
});

describe('yunque doctor', () => {
  const only = (own: Partial<Record<CheckName, Examine>>) =>
    Object.fromEntries(Object.keys(checks).map((name) => [name, own[name as CheckName] ?? (() => [])])) as Record<
      CheckName,
      Examine
    >;

  it('makes all checks at the same time, gives none more than its time, and tells a fault of one as a finding', async () => {
    const underWay: string[] = [];
    const { promise: memoryLooked, resolve: lookAtMemory } = Promise.withResolvers<void>();
    const rows = await examine(patient(), {
      checks: only({
        config: async () => {
          await memoryLooked;
          return [ok('fine')];
        },
        memory: () => {
          lookAtMemory();
          throw new Error('broken');
        },
        kafka: () => new Promise(() => {}),
      }),
      deadlineMs: 50,
      onProgress: (left) => underWay.push(left.join()),
    });
    assert.deepEqual(
      rows.map(({ check, level, found }) => [check, level, found]),
      [
        ['config', 'ok', 'fine'],
        ['memory', 'failed', 'broken'],
        ['kafka', 'failed', 'not within 50 ms'],
      ],
    );
    assert.deepEqual(underWay.slice(-2), ['kafka', '']);
    assert.equal(worstOf(rows), 'failed');
  });

  const config = async (text: string): Promise<string> => {
    const file = join(
      folder,
      `config-${Math.abs(Buffer.from(text).reduce((sum, byte) => (sum * 31 + byte) | 0, 7))}.yaml`,
    );
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  const doctor = async (text: string, args: readonly string[] = [], options = {}) =>
    cli(['doctor', '--config', await config(text), '--data-dir', join(folder, 'data'), ...args], options);

  it('exits with 0 where nothing fails, and shows each finding with its hint', async () => {
    const { exit, out } = await doctor('port: 0\n');
    assert.equal(exit, 0, out);
    assert.match(out, /^✓ platform +/m);
    assert.match(out, /^- redis +not configured$/m);
    assert.match(out, /well\b.*\n$/);
  });

  it('exits with 1 where something fails', async () => {
    const { exit, out } = await doctor('port: 0\n', ['--connections', '90000000']);
    assert.equal(exit, 1, out);
    assert.match(out, /^✗ memory +90000000 idle connections need about [\s\S]*?\n +→ /m);
  });

  it('exits with 78 where the configuration cannot be used, and makes the other checks all the same', async () => {
    for (const text of ['port: many\n', 'port: [\n']) {
      const { exit, out } = await doctor(text, ['--set', 'host=127.0.0.1']);
      assert.equal(exit, 78, out);
      assert.match(out, /^✗ config +.*config-\d+\.yaml/m);
      assert.match(out, /memory/);
    }
    assert.equal((await cli(['doctor', '--config', '/nonexistent/c.yaml'])).exit, 78);
  });

  it('has JSON with its schema and all other formats', async () => {
    const { exit, out } = await doctor('port: 0\n', ['--json']);
    const { schema, verdict, items } = JSON.parse(out);
    assert.deepEqual([exit, schema], [0, 'yunque.doctor/1']);
    assert.ok(verdict === 'ok' || verdict === 'warning');
    assert.ok(
      items.some(({ check, level }: { check: string; level: string }) => check === 'kafka' && level === 'skipped'),
    );
    assert.match((await doctor('port: 0\n', ['-o', 'csv'])).out, /^check,level,found,hint\r\nplatform,ok,/);
  });

  it('has colours on a terminal alone, and Chinese names', async () => {
    const coloured = await doctor('port: 0\n', [], { terminal: 200 });
    assert.ok(coloured.out.includes('\u001b[32m✓\u001b[39m platform'));
    assert.ok(!(await doctor('port: 0\n', ['--no-color'], { terminal: 200 })).out.includes('\u001b'));
    assert.match((await doctor('port: 0\n', ['--lang', 'zh'])).out, /^✓ 平台 +/m);
  });

  it('says which checks are under way on a terminal, and ends with Ctrl-C', async () => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const text = `port: 0\nkafka: {brokers: ["127.0.0.1:${port}"]}\ndoors: [{type: kafka, topic: t}]\n`;
    const running = startCli(
      ['doctor', '--config', await config(text), '--data-dir', join(folder, 'data'), '--timeout', '1s'],
      {
        terminal: 100,
      },
    );
    await eventually('it looks at Kafka', () => /\] kafka/.test(running.err()));
    running.interrupt();
    assert.equal((await running.done).exit, 130);
    server.close();
  });
});
