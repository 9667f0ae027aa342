import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { configTemplate } from '../../../src/config/config-template.ts';
import { doorOf } from '../../../src/config/door-setting.ts';
import { environmentName, fieldPath, settingKeys, settingOf } from '../../../src/config/keys.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import type { ReadFile } from '../../../src/config/read-file.ts';
import { defaultConfig } from '../../support/default-config.ts';
import { errorOf, load } from './helpers.ts';

const root = resolve(import.meta.dirname, '../../..');

test('every setting is documented in both languages, and has a default or says what happens without', () => {
  for (const key of settingKeys) {
    const setting = settingOf.get(key);
    assert.match(setting?.en ?? '', /\.$/, key);
    assert.match(setting?.zh ?? '', /。$/, key);
    assert.notEqual(setting?.default === undefined, setting?.unset === undefined, key);
  }
});

test('no two settings share a variable or a field', () => {
  assert.equal(new Set(settingKeys.map(environmentName)).size, settingKeys.length);
  assert.equal(new Set(settingKeys.map((key) => fieldPath(key).join('.'))).size, settingKeys.length);
});

test('a default survives being written and read', () => {
  for (const key of settingKeys) {
    const { kind, default: given } = settingOf.get(key) ?? assert.fail(key);
    if (given === undefined) continue;
    const read = (raw: unknown) => kind.read(raw, (message) => assert.fail(`${key}: ${message}`));
    assert.deepEqual(read(kind.write(read(given))), read(given), key);
  }
});

test('the file that shows every setting changes none', () => {
  for (const language of ['en', 'zh'] as const) {
    const { config, sources } = load({ 'configs/config.yaml': configTemplate(language) });
    assert.deepEqual(config, defaultConfig());
    assert.ok([...sources.values()].every(({ layer }) => layer === 'default'));
  }
});

test('every line of it takes effect, with the same value, once its comment sign is removed', () => {
  const uncommented = configTemplate('en').replaceAll(
    /^( *)# ([a-zA-Z]+: ?\S.*)$/gm,
    (line, margin: string, text: string) =>
      settingKeys.some((key) => text.startsWith(`${key.split('.').at(-1)}:`)) ? margin + text : line,
  );
  const { config, sources } = load({ 'configs/config.yaml': uncommented });
  const { host, dataDir, maxHeapBytes, operator, log, auth, compat, limits, tls, internal, ...more } = config;
  const { cluster, redis, rabbitmq, kafka, ...rest } = more;
  assert.equal(compat, 'go-websocket');
  assert.deepEqual(tls, { cert: '/etc/yunque/tls.crt', key: '/etc/yunque/tls.key' });
  assert.deepEqual(internal, { listen: { host: '127.0.0.1', port: 9666 }, tls: false });
  const { acceptBurst, memoryBytes, payloadBytes } = limits;
  assert.deepEqual([acceptBurst, memoryBytes, payloadBytes], [1000, 2 ** 31, 2 ** 16]);
  assert.deepEqual([host, dataDir, operator.group], ['127.0.0.1', '/var/lib/yunque', 'yunque']);
  const logs = ['yunque.log', 'error.log', 'audit.jsonl'].map((name) => `/var/log/yunque/${name}`);
  assert.deepEqual([log.file, log.errorFile, log.auditFile], logs);
  assert.equal(auth.connect, 'anonymous');
  assert.equal(maxHeapBytes, 2 ** 31);
  assert.equal(rest.workers, 'auto');
  const usual = defaultConfig();
  assert.deepEqual(
    [cluster.advertise, cluster.rpcPort, redis.tls.ca],
    [{ host: '10.1.0.5' }, 1666, '/etc/yunque/redis-ca.crt'],
  );
  assert.deepEqual(
    [redis.sentinelName, rabbitmq.exchange, kafka.sasl.mechanism],
    ['mymaster', 'yunque', 'SCRAM-SHA-512'],
  );
  assert.deepEqual(rest.grpc, { port: 9090, host: '127.0.0.1' });
  const unset = {
    host: undefined,
    dataDir: undefined,
    maxHeapBytes: undefined,
    workers: undefined,
    compat: undefined,
    operator: usual.operator,
    limits: { ...limits, acceptBurst: undefined, memoryBytes: undefined, payloadBytes: undefined },
    tls: usual.tls,
    internal: usual.internal,
    grpc: usual.grpc,
    ...{ cluster: usual.cluster, redis: usual.redis, rabbitmq: usual.rabbitmq, kafka: usual.kafka },
  };
  assert.deepEqual(
    {
      ...rest,
      ...unset,
      log: { ...log, file: undefined, errorFile: undefined, auditFile: undefined },
      auth: { ...auth, connect: undefined },
    },
    { ...usual },
  );
  const left = settingKeys.filter((key) => sources.get(key)?.layer === 'default');
  const servers = ['redis.password', 'redis.sentinelPassword', 'rabbitmq.url', 'kafka.sasl.password'];
  assert.deepEqual(left, ['crypto.key', 'operator.key', 'cluster.secret', ...servers]);
});

test('the shipped config.yaml changes no default, and is used where yunque is unpacked', () => {
  const { config, file, warnings } = loadConfig({ env: {}, cwd: root });
  assert.deepEqual([file, warnings], ['configs/config.yaml', []]);
  assert.deepEqual(config, defaultConfig());
});

test('the shipped config-dev.yaml is an overlay of it', () => {
  const { config, overlay } = loadConfig({ env: {}, cwd: root, flags: { env: 'dev' } });
  assert.equal(overlay, 'configs/config-dev.yaml');
  assert.deepEqual(config.log, { ...defaultConfig().log, level: 'debug', format: 'pretty' });
});

test('the shipped doors.yaml is a node alone with all four doors, and warns of nothing', () => {
  const { config, warnings } = loadConfig({
    env: {},
    cwd: root,
    flags: { config: 'configs/doors.yaml', port: '7001' },
  });
  assert.deepEqual([config.cluster.enabled, warnings], [false, []]);
  const doors = config.doors.map((door) => doorOf(door, config.topic));
  assert.deepEqual(
    doors.map(({ name }) => name),
    ['channel:chat', 'stream:chat', 'kafka:chat', 'rabbitmq:chat'],
  );
  assert.ok(doors.every(({ group, system }) => group === 'yunque' && system === 'default'));
});

test('what doors.yaml shows behind comment signs can be used as it is', () => {
  const path = join(root, 'configs/doors.yaml');
  const shown = readFileSync(path, 'utf8')
    .replaceAll(/^ {2}# - \{/gm, '  - {')
    .replace(/^# uplink:[\s\S]*/m, (examples) => examples.replaceAll(/^# ?/gm, ''))
    .replace('Where it is told', '# Where it is told');
  const readFile: ReadFile = (file) =>
    file === path ? { outcome: 'read', text: shown, readableByOthers: false } : { outcome: 'absent' };
  const { config, warnings } = loadConfig({ env: {}, cwd: root, readFile, flags: { config: 'configs/doors.yaml' } });
  assert.deepEqual(warnings, []);
  assert.deepEqual([config.doors.length, config.uplink.routes.length, config.events.sinks.length], [8, 4, 2]);
});

for (const bus of ['redis', 'rabbitmq', 'kafka'] as const) {
  const name = `configs/cluster-${bus}.yaml`;

  test(`the shipped cluster-${bus}.yaml is a cluster on this machine, and warns of nothing but its secrets`, () => {
    const { config, warnings } = loadConfig({ env: {}, cwd: root, flags: { config: name, port: '7001' } });
    assert.deepEqual([config.cluster.enabled, config.cluster.bus, config.host], [true, bus, '127.0.0.1']);
    const at =
      /^configs\/cluster-\w+\.yaml:\d+:\d+: (cluster\.secret|crypto\.key): this \w+ is published.*openssl rand/;
    assert.deepEqual(
      warnings.filter((warning) => !at.test(warning)),
      [],
    );
    assert.equal(warnings.length, 2);
  });

  test(`the secrets of cluster-${bus}.yaml are refused where others reach the node, and replaced by variables`, () => {
    const outside = [
      { YUNQUE_HOST: '0.0.0.0' },
      { YUNQUE_HOST: '10.1.0.5' },
      { YUNQUE_CLUSTER_HOST: '10.1.0.5' },
      { YUNQUE_CLUSTER_ADVERTISE: '10.1.0.5:1700' },
    ];
    for (const where of outside) {
      const env = { ...where, YUNQUE_CLUSTER_INSECURE: 'true' };
      const problems = errorOf(() => loadConfig({ env, cwd: root, flags: { config: name } })).problems;
      assert.deepEqual(
        problems.map(({ key, file }) => [key, file]),
        [
          ['cluster.secret', name],
          ['crypto.key', name],
        ],
      );
      const [secret, key] = problems.map(({ text }) => text);
      assert.match(
        secret ?? '',
        /published.*`openssl rand -hex 32`.*YUNQUE_CLUSTER_SECRET, .*YUNQUE_CLUSTER_SECRET_FILE/,
      );
      assert.match(key ?? '', /published.*`openssl rand -hex 16`.*YUNQUE_CRYPTO_KEY, .*YUNQUE_CRYPTO_KEY_FILE/);
      const own = { YUNQUE_CLUSTER_SECRET: 'a secret of the nodes', YUNQUE_CRYPTO_KEY: '0123456789abcdef' };
      const { warnings } = loadConfig({ env: { ...env, ...own }, cwd: root, flags: { config: name } });
      assert.deepEqual(warnings, []);
    }
  });
}

test('the shipped config.ini changes no default and ships no key', () => {
  const { config, warnings } = loadConfig({ env: {}, cwd: root, flags: { config: 'configs/config.ini' } });
  assert.deepEqual([config, warnings], [defaultConfig(), []]);
  assert.doesNotMatch(readFileSync(join(root, 'configs/config.ini'), 'utf8'), /Adba723b7fe06819|xxxxxxxxxxxxxxxx/);
});

test('the pages and the file made from the schema are fresh', () => {
  execFileSync(process.execPath, ['src/build/generate-config-docs.ts', '--check'], { cwd: root });
});
