import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeConfig } from '../../../src/config/describe-config.ts';
import { destinationNames } from '../../../src/config/destination.ts';
import { doorOf } from '../../../src/config/door-setting.ts';
import { type LoadOptions, readConfig } from '../../../src/config/load-config.ts';
import { planReload } from '../../../src/config/plan-reload.ts';
import { filesOf, load } from './helpers.ts';

const secret = 'tell-nobody-tell-nobody-tell-nobody';
const yaml = (lines: string) => ({ 'configs/config.yaml': lines });
const doors = (text: string) => yaml(`doors: [${text}]`);
const routes = (text: string) => yaml(`uplink: {routes: [${text}]}`);
const brokers = 'kafka: {brokers: ["127.0.0.1:9092"]}';
const rabbitmq = 'rabbitmq: {url: "amqp://me:hidden@127.0.0.1:5672"}';

function problemsOf(files: Readonly<Record<string, string>>, more: Partial<LoadOptions> = {}): readonly string[] {
  const { problems } = readConfig({ env: {}, cwd: '/srv/yunque', readFile: filesOf(files), ...more });
  return problems.map(({ text }) => text);
}

/** Without the place. */
const wordsOf = (files: Readonly<Record<string, string>>) =>
  problemsOf(files).map((text) => text.replace(/^[^ ]* /, ''));

test('a door that says nothing but its type reads what `topic` says, for the system default', () => {
  const { config } = load(
    yaml(`doors: [{type: channel}, {type: stream}, {type: kafka}, {type: rabbitmq}]\n${brokers}\n${rabbitmq}`),
  );
  const group = 'yunque';
  assert.deepEqual(
    config.doors.map((door) => doorOf(door, config.topic)),
    ['channel', 'stream', 'kafka', 'rabbitmq'].map((type) => ({
      ...{ type, name: `${type}:chat`, reads: 'chat', group, system: 'default', trusted: false },
    })),
  );
  const [named] = load(doors('{type: stream, stream: orders, group: g, name: shop, system: s}')).config.doors;
  const [trusted] = load(doors('{type: channel, trusted: true}')).config.doors;
  assert.ok(named !== undefined && trusted !== undefined);
  assert.deepEqual(doorOf(named, 'x'), {
    type: 'stream',
    name: 'shop',
    reads: 'orders',
    group: 'g',
    system: 's',
    trusted: false,
  });
  assert.deepEqual([doorOf(trusted, 'x').system, doorOf(trusted, 'x').trusted], ['default', true]);
});

test('what is wrong with a door is said where it stands', () => {
  const file = yaml(
    'doors:\n  - {type: stream}\n  - {type: channel, trusted: true, system: shop}\n  - {type: chanel}\n',
  );
  assert.deepEqual(problemsOf(file), [
    'configs/config.yaml:3:5: doors[1]: a trusted door takes the system from each push; leave out either trusted or system',
    'configs/config.yaml:4:12: doors[2].type: expected one of channel, stream, kafka, rabbitmq',
  ]);
  const [withPassword = ''] = wordsOf(doors('{type: kafka, brokers: ["me:hidden@10.0.0.1:9092"]}'));
  assert.match(withPassword, /^doors\[0\]\.brokers\[0\]: .* found a user or password in it$/);
  // What has a refused part is judged no further: its parts are counted otherwise then.
  assert.equal(problemsOf(doors('{type: chanel}, {type: kafka}')).length, 1);
  assert.match(problemsOf(doors('{type: kafka, stream: x}'))[0] ?? '', /doors\[0\]\.stream: unknown key "stream"/);
  assert.match(
    problemsOf(doors('{type: rabbitmq, url: "redis://127.0.0.1"}'))[0] ?? '',
    /doors\[0\]\.url: expected a URL such as amqp:.* found a URL of redis:$/,
  );
  assert.match(
    problemsOf(doors('{type: stream, url: "redis://h", urlFile: f}'))[0] ?? '',
    /doors\[0\]: expected one of url and urlFile, found both$/,
  );
  assert.match(problemsOf(doors('{type: rabbitmq, queue: amq.q}'))[0] ?? '', /doors\[0\]\.queue: .*"amq\."/);
});

test('two doors neither read the same nor have one name', () => {
  assert.deepEqual(wordsOf(doors('{type: stream}, {type: stream, stream: chat, name: other}')), [
    'doors[1]: doors[0] reads the same; leave out one of the two',
  ]);
  // The same server by its URL; a channel is not of a database.
  assert.equal(problemsOf(doors('{type: stream}, {type: stream, url: "redis://127.0.0.1/0", name: b}')).length, 1);
  assert.equal(problemsOf(doors('{type: channel}, {type: channel, url: "redis://127.0.0.1/3", name: b}')).length, 1);
  assert.deepEqual(problemsOf(doors('{type: stream}, {type: stream, url: "redis://127.0.0.1/3", name: b}')), []);
  assert.deepEqual(problemsOf(doors('{type: stream}, {type: stream, group: b, name: b}')), []);
  assert.deepEqual(wordsOf(doors('{type: stream}, {type: stream, group: b}')), [
    'doors[1]: doors[0] is called "stream:chat", too; give each a name of its own',
  ]);
  assert.deepEqual(problemsOf(doors('{type: stream, name: a}, {type: channel, name: a}')), [
    'configs/config.yaml:1:56: doors[1].name: doors[0] is called "a", too; give each a name of its own',
  ]);
});

test('a door of Kafka or RabbitMQ needs to know where that is', () => {
  assert.match(wordsOf(doors('{type: kafka}'))[0] ?? '', /^doors\[0\]: there are no brokers .*kafka\.brokers/);
  assert.match(wordsOf(doors('{type: rabbitmq}'))[0] ?? '', /^doors\[0\]: there is no RabbitMQ; .*rabbitmq\.url/);
  for (const key of ['uplink: {routes', 'events: {sinks']) {
    const keys = key.startsWith('uplink') ? ", keys: ['*']" : '';
    const file = yaml(`${key}: [{type: kafka, topic: t${keys}}, {type: rabbitmq, queue: q${keys}, urlFile: f}]}`);
    assert.equal(problemsOf(file).length, 1, key);
  }
  assert.deepEqual(problemsOf(doors('{type: kafka, brokers: ["h:1"]}, {type: rabbitmq, url: "amqp://h"}')), []);
});

test('servers are judged for doors as they are for a cluster', () => {
  const half = 'redis: {sentinelName: mymaster}';
  assert.deepEqual(problemsOf(yaml(half)), []);
  assert.equal(problemsOf(yaml(`${half}\ndoors: [{type: stream}]`)).length, 1);
  const ca = 'redis: {tls: {ca: /ca.crt}}\ndoors: [{type: stream, url: ';
  assert.equal(problemsOf(yaml(`${ca}"redis://h"}]`)).length, 1);
  assert.deepEqual(problemsOf(yaml(`${ca}"rediss://h"}]`)), []);
});

test('passwords in URLs of doors and destinations are masked, refused on the command line, and the file is warned about', () => {
  const url = `amqps://me:${secret}@10.0.0.1/v`;
  const files = yaml(
    `doors: [{type: rabbitmq, url: "${url}"}]\nuplink: {routes: [{type: http, keys: [a], url: "https://h/", secret: ${secret}}]}\nevents: {sinks: [{type: stream, stream: s, url: "redis://:${secret}@h/1"}]}`,
  );
  const read = load({}, { readFile: filesOf(files, { readableByOthers: true }) });
  assert.equal(read.warnings.length, 1);
  const shown = JSON.stringify(describeConfig(read));
  assert.equal(shown.includes(secret), false);
  for (const masked of ['amqps://me:********@10.0.0.1/v', 'redis://:********@h/1', '"secret":"********"'])
    assert.ok(shown.includes(masked), masked);
  const plan = planReload(load({}).config, read.config);
  assert.equal(JSON.stringify(plan.changes).includes(secret), false);
  assert.deepEqual(
    plan.changes.map(({ key, effect }) => [key, effect]),
    ['doors', 'uplink.routes', 'events.sinks'].map((key) => [key, 'needs_restart']),
  );
  for (const [key, value] of [
    ['doors', `[{type: rabbitmq, url: "${url}"}]`],
    ['events.sinks', `[{type: http, url: "https://h", secret: ${secret}}]`],
  ]) {
    const [problem = ''] = problemsOf({}, { flags: { set: [`${key}=${value}`] } });
    assert.match(problem, /a secret on the command line can be read by every user/);
    assert.equal(problem.includes(secret), false);
  }
});

test('a route has keys and a destination that is complete', () => {
  const hook = `type: http, url: "https://h/x", secretFile: s`;
  const [route] = load(routes(`{${hook}, keys: ['order.*'], timeout: 2s, retries: 0, systems: [shop]}`)).config.uplink
    .routes;
  assert.deepEqual(route, {
    ...{ type: 'http', url: 'https://h/x', secretFile: 's', timeout: 2000 },
    ...{ systems: ['shop'], keys: ['order.*'], retries: 0 },
  });
  for (const [text, expected] of [
    [`{${hook}}`, /keys: expected a list/],
    [`{${hook}, keys: []}`, /at least one key/],
    ['{type: http, url: "https://h/x", keys: [a]}', /expected secret or secretFile/],
    ['{type: http, url: "https://me:pw@h/x", secretFile: s, keys: [a]}', /without user and password.*found a user/],
    ['{type: rabbitmq, url: "amqp://h", keys: [a]}', /expected queue or exchange/],
    ['{type: rabbitmq, url: "amqp://h", queue: q, exchange: e, keys: [a]}', /found both/],
    ['{type: rabbitmq, url: "amqp://h", queue: q, routingKey: e, keys: [a]}', /goes with an exchange/],
    ['{type: stream, keys: [a]}', /stream: expected a stream/],
  ] as const) {
    assert.match(problemsOf(routes(text)).join('\n'), expected, text);
  }
});

test('a sink names types there are, and tries again by itself', () => {
  const sinks = (text: string) => yaml(`events: {sinks: [${text}]}`);
  assert.deepEqual(load(sinks('{type: stream, stream: s, types: [online, offline]}')).config.events.sinks[0]?.types, [
    'online',
    'offline',
  ]);
  assert.match(
    problemsOf(sinks('{type: stream, stream: s, types: [onlin]}'))[0] ?? '',
    /events\.sinks\[0\]\.types\[0\]: .*did you mean "online"/,
  );
  assert.match(
    problemsOf(sinks('{type: http, url: "https://h", secretFile: s, retries: 3}'))[0] ?? '',
    /unknown key "retries"/,
  );
});

test('nothing is sent to where a door reads', () => {
  const file = yaml('doors: [{type: stream, group: g}]\nevents: {sinks: [{type: stream, stream: chat}]}');
  assert.deepEqual(problemsOf(file), [
    'configs/config.yaml:2:18: events.sinks[0]: doors[0] reads what is sent there, and takes it for pushes; send it elsewhere',
  ]);
});

test('destinations have names of their own, those of equal ones a number', () => {
  const to = { type: 'http', url: 'https://h:1/x?y', secretFile: 's' } as const;
  const queue = { type: 'rabbitmq', exchange: 'e', routingKey: 'k' } as const;
  assert.deepEqual(destinationNames([to, queue, to, { ...to, name: 'mine' }]), [
    'http:h:1/x',
    'rabbitmq:e:k',
    'http:h:1/x#2',
    'mine',
  ]);
  const named = '{type: stream, name: a, stream: s, keys: [x]}';
  assert.match(wordsOf(routes(`${named}, ${named}`))[0] ?? '', /uplink\.routes\[0\] is called "a", too/);
});

test('hooks over the open network, and routes that no key comes to, are warned about', () => {
  const hook = (url: string, keys: string) => `{type: http, url: "${url}", secretFile: s, keys: [${keys}]}`;
  assert.deepEqual(load(routes(`${hook('http://h.example/', "'*'")}, ${hook('http://127.0.0.1/', 'a')}`)).warnings, [
    'configs/config.yaml:1:37: uplink.routes[0].url: whoever is on the way there can read along and answer in its place; use https',
    'configs/config.yaml:1:87: uplink.routes[1]: uplink.routes[0] takes its keys already, and the first one counts',
  ]);
});

test('a secret of a hook that is printed somewhere is refused', () => {
  const file = routes(`{type: http, url: "https://h/", keys: [a], secret: a-string-secret-at-least-256-bits-long}`);
  assert.match(problemsOf(file)[0] ?? '', /uplink\.routes\[0\]\.secret: this key is published/);
});

test('gRPC has a port of its own, and is reached where its address says', () => {
  const at = (text: string) => problemsOf(yaml(text)).map((line) => line.replace(/^[^ ]* /, ''));
  assert.deepEqual(at('port: 7001\ngrpc: {port: 7001}'), [
    'grpc.port: port 7001 is used already; give gRPC one of its own',
  ]);
  assert.deepEqual(
    at('port: 7001\nhost: 127.0.0.1\ncrypto: {key: 0123456789abcdef}\ncluster: true\ngrpc: {port: 8001}'),
    ['grpc.port: port 8001 is that of the RPC between nodes; give gRPC one of its own'],
  );
  const workers = 'port: 7001\nworkers: 2\ngrpc: {port: ';
  assert.deepEqual(
    [at(`${workers}8003}`), at(`${workers}8002}`)],
    [[], ['grpc.port: port 8002 is one that workers talk to each other on; give gRPC one of its own']],
  );
  assert.deepEqual(at('port: 7001\ngrpc: {port: 9090}'), []);
  const here = 'host: 127.0.0.1\ncrypto: {key: xxxxxxxxxxxxxxxx}\n';
  assert.deepEqual(at(here), []);
  assert.match(at(`${here}grpc: {port: 9090, host: 0.0.0.0}`)[0] ?? '', /crypto\.key: .*others can reach this node/);
});

test('`serve --topic` and YUNQUE_TOPIC name what doors read', () => {
  assert.equal(load({}, { flags: { topic: 'news' } }).config.topic, 'news');
  assert.equal(load({}, { env: { YUNQUE_TOPIC: 'news' } }).config.topic, 'news');
  assert.deepEqual(problemsOf({}, { flags: { topic: 'a b' } }), [
    '--topic: expected a name of letters, digits, ".", "_" and "-", at most 244, found "a b"',
  ]);
});
