import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, problemsOf } from './helpers.ts';

const goWebsocket = `[common]
# 是否集群
cluster = false
# 对称加密key
crypto_key = Adba723b7fe06819

[redis]
host = 127.0.0.1
port = 6379
password =

[rabbitMQ]
# AMQP协议URL 格式：amqp://user:password@host:port/vhostname
amqpurl =
# 交换机名称
exchange =
`;
const inIni = (text: string) => problemsOf({ 'configs/config.ini': text });

test('go-websocket’s file loads as it stands on loopback, and its published key is warned about', () => {
  const { config, sources, warnings, file } = load(
    { 'configs/config.ini': goWebsocket },
    { flags: { host: '127.0.0.1' } },
  );
  assert.equal(file, 'configs/config.ini');
  assert.equal(config.crypto.key, 'Adba723b7fe06819');
  assert.equal(config.cluster.enabled, false);
  assert.equal(sources.get('crypto.key')?.label, 'configs/config.ini:5');
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /^configs\/config\.ini:5:1: crypto\.key: this key is published/);
});

test('quotes, comments behind a value, Windows line ends and a byte order mark are read as go-websocket does', () => {
  const text = '\uFEFF[common]\r\n  crypto_key = "0123456789abcdef" \r\ncluster = False ; one machine\r\n';
  const { config } = load({ 'configs/config.ini': text });
  assert.equal(config.crypto.key, '0123456789abcdef');
  assert.equal(config.cluster.enabled, false);
});

test('an empty crypto_key written by hand is refused where others can reach the node', () => {
  assert.match(
    inIni('[common]\ncluster = false\ncrypto_key =\n').join(),
    /^configs\/config\.ini:3:1: crypto\.key: an empty key protects nothing, and others can reach this node/,
  );
});

/** What go-websocket 1.0.0 has in configs/config.ini, with a key in its place. */
const clustered = (more: { key?: string; amqpurl?: string; exchange?: string } = {}) => `[common]
# 是否集群
cluster = true
# 对称加密key
crypto_key =${more.key ?? ' 0123456789abcdef'}

[rabbitMQ]
# AMQP协议URL 格式：amqp://user:password@host:port/vhostname
amqpurl =${more.amqpurl ?? ''}
# 交换机名称
exchange = ${more.exchange ?? ''}

[redis]
host = 127.0.0.1
port = 6379
password =`;
const onLoopback = { flags: { host: '127.0.0.1' } };

test('go-websocket’s cluster = true is a cluster whose nodes carry everything themselves', () => {
  const { config, sources } = load({ 'configs/config.ini': clustered() }, onLoopback);
  assert.deepEqual([config.cluster.enabled, config.cluster.bus], [true, 'rpc']);
  assert.deepEqual([config.redis.host, config.redis.port, config.redis.password], ['127.0.0.1', 6379, undefined]);
  assert.deepEqual([config.rabbitmq.url, config.rabbitmq.exchange], [undefined, undefined]);
  assert.equal(sources.get('cluster.bus')?.label, 'configs/config.ini:3');
});

test('its amqpurl makes RabbitMQ carry messages to groups and systems', () => {
  const text = clustered({ amqpurl: ' amqp://u:p@10.0.0.9:5672/push', exchange: 'push' });
  const { config, sources } = load({ 'configs/config.ini': text }, onLoopback);
  assert.deepEqual(config.rabbitmq, {
    url: 'amqp://u:p@10.0.0.9:5672/push',
    exchange: 'push',
    tls: { ca: undefined, cert: undefined, key: undefined },
  });
  assert.deepEqual([config.cluster.bus, sources.get('cluster.bus')?.label], ['rabbitmq', 'configs/config.ini:9']);
});

test('the engine of a cluster is said in a variable, too, which wins', () => {
  const { config } = load(
    { 'configs/config.ini': clustered() },
    { ...onLoopback, env: { YUNQUE_CLUSTER_BUS: 'redis' } },
  );
  assert.equal(config.cluster.bus, 'redis');
});

test('without cluster = true the servers it names stay unused', () => {
  const text = clustered({ amqpurl: ' amqp://u:p@h' }).replace('cluster = true', 'cluster = false');
  const { config } = load({ 'configs/config.ini': text }, onLoopback);
  assert.deepEqual([config.cluster.enabled, config.cluster.bus], [false, 'redis']);
});

test('as it is shipped, without a crypto_key, it is told what to do, in the line of the key', () => {
  const problems = problemsOf({ 'configs/config.ini': clustered({ key: '' }) }, onLoopback);
  assert.equal(problems.length, 1);
  assert.match(
    problems[0] ?? '',
    /^configs\/config\.ini:5:1: crypto\.key: an empty key protects nothing, and cluster mode needs one.*openssl rand -hex 16/,
  );
});

test('unknown sections and keys are refused with the nearest known name, or the way to YAML', () => {
  const elsewhere =
    'INI files hold go-websocket’s settings only; `yunque config convert` makes a YAML file, which holds all';
  assert.deepEqual(inIni('[comon]\ncluster = true\n[common]\n clustr = true\nport = 1\n[__proto__]\na = 1\n'), [
    'configs/config.ini:1:1: unknown section "comon" – did you mean "common"?',
    'configs/config.ini:4:2: unknown key "common.clustr" – did you mean "common.cluster"?',
    'configs/config.ini:5:1: unknown key "common.port" – did you mean "redis.port"?',
    `configs/config.ini:6:1: unknown section "__proto__" – ${elsewhere}`,
  ]);
});

test('lines that are no settings are refused', () => {
  assert.deepEqual(inIni('cluster = true\n'), [
    'configs/config.ini:1:1: expected a section such as [common] above the first key',
  ]);
  assert.deepEqual(inIni('[common]\ncluster\n'), ['configs/config.ini:2:1: common.cluster: expected "=" and a value']);
  assert.deepEqual(inIni('[common]\ncluster = no\ncluster = no\n'), [
    'configs/config.ini:3:1: common.cluster: given twice, first in line 2',
  ]);
  assert.deepEqual(inIni('[common]\ncluster = perhaps\n'), [
    'configs/config.ini:2:1: cluster.enabled: expected true or false, found "perhaps"',
  ]);
});
