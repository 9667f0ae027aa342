import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { CliIo } from '../../../src/cli/context.ts';
import { runCli } from '../../../src/cli/program.ts';
import { configTemplate } from '../../../src/config/config-template.ts';

let folder = '';
const before = process.cwd();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yunque-config-command-'));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  args: readonly string[],
  more: { isTTY?: boolean; env?: Record<string, string> } = {},
): Promise<Ran> {
  let out = '';
  let err = '';
  const stream = (take: (text: string) => void) => ({ write: take, on: () => {}, isTTY: more.isTTY ?? false });
  const io: CliIo = {
    env: more.env ?? {},
    stdin: process.stdin,
    stdout: stream((text) => {
      out += text;
    }),
    stderr: stream((text) => {
      err += text;
    }),
    onInterrupt: () => ({ [Symbol.dispose]() {} }),
    abandonOutput: () => {},
  };
  const exit = await runCli(['config', ...args], io);
  return { exit, out, err };
}

test('config init writes the file that shows every setting, in the language asked for, and never over another', async () => {
  assert.equal((await run(['init'])).exit, 0);
  assert.equal(readFileSync('configs/config.yaml', 'utf8'), configTemplate('en'));
  assert.equal((await run(['init', '--lang', 'zh'])).exit, 1);
  assert.equal(readFileSync('configs/config.yaml', 'utf8'), configTemplate('en'));
  assert.equal((await run(['init', 'a/b.yaml', '--lang', 'zh'])).exit, 0);
  assert.equal(readFileSync('a/b.yaml', 'utf8'), configTemplate('zh'));
});

test('config init says why it cannot write', async () => {
  writeFileSync('a', '');
  const { exit, err } = await run(['init', 'a/b.yaml']);
  assert.equal(exit, 1);
  assert.match(err, /^error: a\/b\.yaml: E\w+/);
  assert.equal(existsSync('a/b.yaml'), false);
});

test('config check says ok, or everything that is wrong with exit code 78', async () => {
  assert.deepEqual(await run(['check']), {
    exit: 0,
    out: 'no configuration file found, so the defaults are in force: ok\n',
    err: '',
  });
  writeFileSync('a.yaml', 'port: 1');
  writeFileSync('a-dev.yaml', 'demo: true');
  assert.equal((await run(['check', 'a.yaml', '--env', 'dev'])).out, 'a.yaml + a-dev.yaml: ok\n');
  writeFileSync('a.yaml', 'prot: 1\nport: x');
  const { exit, out, err } = await run(['check', 'a.yaml']);
  assert.deepEqual([exit, out], [78, '']);
  assert.equal(
    err,
    'error: the configuration has 2 problems\na.yaml:1:1: unknown key "prot" – did you mean "port"?\na.yaml:2:7: port: expected a port number from 0 to 65535, found "x"\n',
  );
});

const wrongOutside = `port: x
tls: {cert: nowhere.crt, key: wrong.key}
operator.group: no-such-group-here
host: 198.51.100.1
listeners:
  - {port: 34567, dialect: cim, host: 198.51.100.2}
internal.listen: 198.51.100.3:9666
auth.tokens:
  - {type: jwt, algorithm: HS256, secretFile: nowhere.secret}
  - {type: jwt, algorithm: ES256, publicKeyFile: wrong.key}
  - {type: redis, urlFile: nowhere.url}
`;

test('config check judges the files, the group and the addresses that are named as the start does, each where it stands', async () => {
  writeFileSync('wrong.key', 'no key');
  writeFileSync('a.yaml', wrongOutside);
  const { exit, out, err } = await run(['check', 'a.yaml']);
  assert.deepEqual([exit, out], [78, '']);
  const [first, ...lines] = err.trimEnd().split('\n');
  assert.equal(first, 'error: the configuration has 10 problems');
  const found = lines.map((line) => /^(a\.yaml:\d+):\d+: ([\w.[\]]+): (.{24})/.exec(line)?.slice(1));
  assert.deepEqual(found, [
    ['a.yaml:1', 'port', 'expected a port number f'],
    ['a.yaml:2', 'tls.cert', 'cannot read nowhere.crt:'],
    ['a.yaml:2', 'tls.key', 'wrong.key holds no priva'],
    ['a.yaml:3', 'operator.group', 'there is no group "no-su'],
    ['a.yaml:4', 'host', '198.51.100.1 is not an a'],
    ['a.yaml:6', 'listeners[0].host', '198.51.100.2 is not an a'],
    ['a.yaml:7', 'internal.listen', '198.51.100.3 is not an a'],
    ['a.yaml:9', 'auth.tokens[0].secretFile', 'nowhere.secret: no such '],
    ['a.yaml:10', 'auth.tokens[1].publicKeyFile', 'wrong.key: it holds no p'],
    ['a.yaml:11', 'auth.tokens[2].urlFile', 'nowhere.url: no such fil'],
  ]);
});

const wrongQueues = `doors:
  - {type: stream, urlFile: nowhere.url}
  - {type: rabbitmq, urlFile: wrong.key}
uplink.routes:
  - {type: http, keys: [a], url: 'https://h/', secretFile: nowhere.secret}
  - {type: kafka, keys: [b], topic: t}
events.sinks:
  - {type: stream, stream: s, url: 'rediss://h'}
  - {type: http, url: 'https://h/', secretFile: wrong.key}
redis.tls.ca: nowhere.crt
`;

test('config check reads the files of doors, routes and sinks as the start does', async () => {
  writeFileSync('wrong.key', 'no key');
  writeFileSync('a.yaml', wrongQueues);
  const { exit, err } = await run(['check', 'a.yaml']);
  assert.equal(exit, 78);
  const [, ...lines] = err.trimEnd().split('\n');
  const found = lines.map((line) => /^(a\.yaml:\d+):\d+: ([\w.[\]]+): (.{1,24})/.exec(line)?.slice(1));
  assert.deepEqual(found, [
    ['a.yaml:2', 'doors[0].urlFile', 'nowhere.url: no such fil'],
    ['a.yaml:3', 'doors[1].urlFile', 'wrong.key: expected a UR'],
    ['a.yaml:5', 'uplink.routes[0].secretFile', 'nowhere.secret: no such '],
    ['a.yaml:6', 'uplink.routes[1]', 'there are no brokers of '],
    ['a.yaml:9', 'events.sinks[1].secretFile', 'wrong.key: it has 6 byte'],
    ['a.yaml:10', 'redis.tls.ca', 'nowhere.crt cannot be re'],
  ]);
});

test('config check --set takes what the start is going to be given', async () => {
  writeFileSync('a.yaml', 'host: 127.0.0.1\nlisteners: [{port: 7001, dialect: cim}]\n');
  assert.equal((await run(['check', 'a.yaml'])).exit, 0);
  const { exit, err } = await run(['check', 'a.yaml', '--set', 'port=7001']);
  assert.equal(exit, 78);
  assert.match(err, /^a\.yaml:2:1: listeners: port 7001 is used already/m);
  const named = await run(['check', 'a.yaml', '--set', 'tls.cert=x.crt', '--set', 'tls.key=x.key']);
  assert.match(named.err, /^--set tls\.cert: cannot read x\.crt/m);
  assert.match(named.err, /^--set tls\.key: cannot read x\.key/m);
});

test('config check --json gives the findings on standard output, with the same exit code', async () => {
  writeFileSync('a.yaml', 'prot: 1');
  const { exit, out, err } = await run(['check', 'a.yaml', '--json']);
  assert.deepEqual([exit, err], [78, '']);
  const { schema, ok, problems } = JSON.parse(out);
  assert.deepEqual([schema, ok, problems[0].line, problems[0].key], ['yunque.config-check/1', false, 1, 'prot']);
});

test('config check tells warnings on standard error', async () => {
  writeFileSync('a.yaml', 'auth.trustedNetworks: [0.0.0.0/0]');
  const { exit, err } = await run(['check', 'a.yaml']);
  assert.equal(exit, 0);
  assert.match(err, /^warning: a\.yaml:1:1: auth\.trustedNetworks: 0\.0\.0\.0\/0 trusts every address/);
});

test('config show prints what is in force as YAML that can be loaded again', async () => {
  writeFileSync('a.yaml', 'paths: {/x: cim}\nhost: "::1"');
  const { out } = await run(['show', '--config', 'a.yaml', '--set', 'log.level=debug', '--set', 'demo=true']);
  assert.match(out, /^port: 666$/m);
  assert.match(out, /^log\.level: debug$/m);
  assert.match(out, /^# crypto\.key: a random key, kept in the data directory$/m);
  writeFileSync('b.yaml', out);
  const again = await run(['show', '--config', 'b.yaml']);
  assert.equal(again.out, out);
});

test('config show --sources names the place of each value', async () => {
  writeFileSync('a.yaml', '\nport: 7001');
  const { out } = await run(['show', '--config', 'a.yaml', '--sources', '--set', 'demo=true'], {
    env: { YUNQUE_HOST: '::1' },
  });
  assert.match(out, /^port: 7001 +# a\.yaml:2$/m);
  assert.match(out, /^host: ::1 +# YUNQUE_HOST$/m);
  assert.match(out, /^demo: true +# --set demo$/m);
  assert.match(out, /^bindTimeout: 10s +# default$/m);
});

test('config show --json carries value and source of every setting, secrets masked', async () => {
  const { out } = await run(['show', '--json'], { env: { YUNQUE_CRYPTO_KEY: '0123456789abcdef' } });
  const { schema, items } = JSON.parse(out);
  assert.equal(schema, 'yunque.config/1');
  const find = (key: string) => items.find((item: { key: string }) => item.key === key);
  assert.deepEqual(find('port'), { key: 'port', value: 666, source: 'default', layer: 'default' });
  assert.deepEqual(find('crypto.key'), {
    key: 'crypto.key',
    value: '********',
    source: 'YUNQUE_CRYPTO_KEY',
    layer: 'environment',
  });
});

test('config convert writes secrets into a pipe and masks them on a terminal', async () => {
  writeFileSync('a.ini', '[common]\ncrypto_key = 0123456789abcdef\n');
  assert.equal((await run(['convert', 'a.ini'])).out, 'crypto:\n  key: 0123456789abcdef\n');
  const shown = await run(['convert', 'a.ini'], { isTTY: true });
  assert.doesNotMatch(shown.out + shown.err, /0123456789abcdef/);
  assert.match(shown.err, /masked/);
  assert.equal((await run(['convert', 'nowhere.ini'])).exit, 78);
});
