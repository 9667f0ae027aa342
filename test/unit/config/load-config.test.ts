import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, problemsOf } from './helpers.ts';

test('without files, variables and flags every setting has its default', () => {
  const { config, file, overlay, sources, warnings } = load({});
  assert.ok([...sources.values()].every(({ layer }) => layer === 'default'));
  assert.deepEqual([file, overlay, warnings], [undefined, undefined, []]);
  assert.equal(config.port, 666);
  assert.equal(config.host, undefined);
  assert.equal(config.heartbeat.json.pingIntervalMs, 25_000);
  assert.equal(config.heartbeat.protobuf.timeoutMs, 60_000);
  assert.equal(config.limits.bodyBytes, 1_048_576);
  assert.equal(config.limits.idBytes, 256);
  assert.equal(config.outbox.maxBytes, 1_048_576);
  assert.equal(config.paths['/'], 'yunque');
  assert.equal(config.crypto.key, undefined);
});

test('a flag wins over the environment, that over the overlay, that over the file, that over the default', () => {
  const files = { 'configs/config.yaml': 'port: 1001', 'configs/config-dev.yaml': 'port: 1002' };
  const env = { YUNQUE_PORT: '1003' };
  const portOf = (...[given, more]: Parameters<typeof load>) => {
    const { config, sources } = load(given, more);
    return [config.port, sources.get('port')?.layer, sources.get('port')?.label];
  };
  assert.deepEqual(portOf({}), [666, 'default', 'default']);
  assert.deepEqual(portOf(files), [1001, 'file', 'configs/config.yaml:1']);
  assert.deepEqual(portOf(files, { flags: { env: 'dev' } }), [1002, 'overlay', 'configs/config-dev.yaml:1']);
  assert.deepEqual(portOf(files, { flags: { env: 'dev' }, env }), [1003, 'environment', 'YUNQUE_PORT']);
  assert.deepEqual(portOf(files, { flags: { env: 'dev', set: ['port=1004'] }, env }), [1004, 'flag', '--set port']);
  const all = { flags: { env: 'dev', set: ['port=1004'], port: '1005' }, env };
  assert.deepEqual(portOf(files, all), [1005, 'flag', 'the port argument']);
});

test('a value hidden by a stronger layer is checked all the same', () => {
  assert.deepEqual(problemsOf({ 'configs/config.yaml': 'port: http' }, { flags: { port: 7001 } }), [
    'configs/config.yaml:1:7: port: expected a port number from 0 to 65535, found "http"',
  ]);
});

test('flags of their own set their settings', () => {
  const { config } = load({}, { flags: { port: 0, host: '127.0.0.1', dataDir: '/tmp/d', demo: true } });
  assert.deepEqual([config.port, config.host, config.dataDir, config.demo], [0, '127.0.0.1', '/tmp/d', true]);
});

test('the last of several --set wins', () => {
  assert.equal(load({}, { flags: { set: ['log.level=debug', 'log.level=warn'] } }).config.log.level, 'warn');
});

test('a value given with --set may hold an equals sign', () => {
  assert.equal(load({}, { flags: { set: ['dataDir=/tmp/a=b'] } }).config.dataDir, '/tmp/a=b');
});

test('the first file that exists is used, in the documented order', () => {
  const all = { 'configs/config.yaml': '', 'configs/config.ini': '', '/etc/yunque/config.yaml': '', 'my.yaml': '' };
  const without = (...names: string[]) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));
  assert.equal(load(all, { flags: { config: 'my.yaml' }, env: { YUNQUE_CONFIG: 'nowhere' } }).file, 'my.yaml');
  assert.equal(load(all, { env: { YUNQUE_CONFIG: 'my.yaml' } }).file, 'my.yaml');
  assert.equal(load(all).file, 'configs/config.yaml');
  assert.equal(load(without('configs/config.yaml')).file, 'configs/config.ini');
  assert.equal(load(without('configs/config.yaml', 'configs/config.ini')).file, '/etc/yunque/config.yaml');
  assert.equal(load({}).file, undefined);
});

test('an overlay stands beside the file that is used, whatever its name', () => {
  const files = {
    '/etc/my.yml': 'port: 1',
    '/etc/my-prod.yml': 'port: 2',
    '/srv/old.ini': '',
    '/srv/old-prod.yaml': 'port: 3',
  };
  const prod = load(files, { flags: { config: '/etc/my.yml' }, env: { YUNQUE_ENV: 'prod' } });
  assert.deepEqual([prod.overlay, prod.config.port], ['/etc/my-prod.yml', 2]);
  assert.equal(load(files, { flags: { config: '/srv/old.ini', env: 'prod' } }).config.port, 3);
});

test('an overlay changes only what it says', () => {
  const files = {
    'configs/config.yaml': 'limits: {batch: 5, jsonDepth: 6}',
    'configs/config-dev.yaml': 'limits: {batch: 7}',
  };
  const { limits } = load(files, { flags: { env: 'dev' } }).config;
  assert.deepEqual([limits.batch, limits.jsonDepth], [7, 6]);
});

test('keys may be nested or dotted, and sections empty', () => {
  const { config } = load({
    'configs/config.yaml': 'auth.trustLoopback: false\nheartbeat.json:\n  timeout: 3s\ncrypto:\n',
  });
  assert.equal(config.auth.trustLoopback, false);
  assert.equal(config.heartbeat.json.timeoutMs, 3000);
});

test('anchors and aliases of YAML are followed', () => {
  const { config } = load({ 'configs/config.yaml': 'bindTimeout: &short 3s\nheartbeat: {json: {timeout: *short}}' });
  assert.deepEqual([config.bindTimeoutMs, config.heartbeat.json.timeoutMs], [3000, 3000]);
  const section = load({ 'configs/config.yaml': 'heartbeat: {json: &one {timeout: 70s}, protobuf: *one}' });
  assert.equal(section.config.heartbeat.protobuf.timeoutMs, 70_000);
});

test('a list replaces the one below it', () => {
  const { config } = load({ 'configs/config.yaml': 'devices: {exclusive: [[android, web]]}' });
  assert.deepEqual(config.devices.exclusive, [['android', 'web']]);
});

test('paths are merged layer upon layer, and null takes one away', () => {
  const { config } = load(
    {
      'configs/config.yaml': 'paths: {/cim: null, /old: cim}',
      'configs/config-dev.yaml': 'paths: {/old: null, /new: cim-json}',
    },
    { flags: { env: 'dev' }, env: { YUNQUE_PATHS: '{/ws: yunque}' } },
  );
  assert.deepEqual(config.paths, {
    '/ws': 'yunque',
    '/yunque': 'yunque',
    '/': 'yunque',
    '/cim-json': 'cim-json',
    '/new': 'cim-json',
  });
});

test('names that JavaScript knows are neither settings nor prototypes', () => {
  const text =
    '__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\npaths: {__proto__: cim}\ntoString: 1';
  const problems = problemsOf({ 'configs/config.yaml': text });
  assert.equal(problems.length, 4);
  assert.equal(({} as { polluted?: number }).polluted, undefined);
  assert.throws(() => load({}, { flags: { set: ['__proto__.polluted=1'] } }), /unknown key "__proto__.polluted"/);
});

test('the configuration cannot be changed once it is made', () => {
  const { config } = load({});
  assert.throws(() => Object.assign(config.limits, { batch: 1 }), TypeError);
});

test('network addresses become networks of one', () => {
  const { config } = load({
    'configs/config.yaml': 'auth: {trustedNetworks: [10.0.0.0/8, 192.168.1.7, "fd00::/8", "::1"]}',
  });
  assert.deepEqual(config.auth.trustedNetworks, ['10.0.0.0/8', '192.168.1.7/32', 'fd00::/8', '::1/128']);
});

test('listeners carry port, dialect and, where given, host', () => {
  const { config } = load({
    'configs/config.yaml': 'listeners: [{port: 34567, dialect: cim}, {port: 0, host: "::1", dialect: json}]',
  });
  assert.deepEqual(config.listeners, [
    { port: 34567, dialect: 'cim' },
    { port: 0, host: '::1', dialect: 'json' },
  ]);
});
