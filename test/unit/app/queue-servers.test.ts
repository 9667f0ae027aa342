import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { planQueues } from '../../../src/app/queue-servers.ts';
import { StartError } from '../../../src/util/start-error.ts';
import { load } from '../config/helpers.ts';

const folder = mkdtempSync(join(tmpdir(), 'yunque-queues-'));
after(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function plan(yaml: string) {
  const warnings: string[] = [];
  const { config } = load({ 'configs/config.yaml': yaml });
  return { ...planQueues({ config, warn: (line) => warnings.push(line) }), warnings };
}

const servers = `
redis: {host: 10.0.0.1, port: 7000, password: pw, db: 2, timeout: 1s}
rabbitmq: {url: "amqp://me:pw@10.0.0.2/v"}
kafka: {brokers: ["10.0.0.3:9092", "[::1]:9093"], sasl: {mechanism: PLAIN, username: u, password: p}}
`;

test('doors are at the servers of redis, kafka and rabbitmq, unless they say where', () => {
  const { doors } = plan(`doors: [{type: stream}, {type: kafka}, {type: rabbitmq}]${servers}`);
  const [stream, kafka, rabbitmq] = doors;
  assert.ok(stream?.type === 'stream' && kafka?.type === 'kafka' && rabbitmq?.type === 'rabbitmq');
  const { servers: at, password, db, timeoutMs, tls } = stream.redis;
  assert.deepEqual(
    [at, password, db, timeoutMs, tls],
    [{ kind: 'standalone', host: '10.0.0.1', port: 7000 }, 'pw', 2, 1000, undefined],
  );
  assert.deepEqual(kafka.kafka, {
    ...{ brokers: ['10.0.0.3:9092', '[::1]:9093'], tls: undefined },
    sasl: { mechanism: 'PLAIN', username: 'u', password: 'p' },
  });
  assert.deepEqual(rabbitmq.rabbitmq, { url: 'amqp://me:pw@10.0.0.2/v', tls: {} });
  assert.deepEqual(
    [stream.name, stream.reads, stream.group, stream.system],
    ['stream:chat', 'chat', 'yunque', 'default'],
  );
});

test('a server of its own has its own user, password and database, and the timeout and authority of the usual one', () => {
  const ca = write('ca.crt', 'PEM');
  const url = write('redis.url', 'rediss://me:other@h.example/5\n');
  const { doors } = plan(
    `doors: [{type: channel, urlFile: ${url}}, {type: kafka, brokers: ["b:1"]}, {type: rabbitmq, url: "amqps://r"}]
redis: {password: pw, timeout: 1s, tls: {ca: ${ca}}}
rabbitmq: {tls: {ca: ${ca}}}`,
  );
  const [channel, kafka, rabbitmq] = doors;
  assert.ok(channel?.type === 'channel' && kafka?.type === 'kafka' && rabbitmq?.type === 'rabbitmq');
  assert.deepEqual(channel.redis, {
    ...{ servers: { kind: 'standalone', host: 'h.example', port: 6379 } },
    ...{ username: 'me', password: 'other', db: 5, timeoutMs: 1000, tls: { ca: Buffer.from('PEM') } },
  });
  assert.deepEqual(kafka.kafka.brokers, ['b:1']);
  assert.deepEqual(rabbitmq.rabbitmq, { url: 'amqps://r', tls: { ca: Buffer.from('PEM') } });
});

test('routes and sinks have all they are opened with, secrets from their files', () => {
  const secret = write('hook.secret', `${'s'.repeat(32)}\n`);
  const { routes, sinks } = plan(`uplink:
  routes:
    - {type: http, url: "https://h/x", secretFile: ${secret}, keys: [a], timeout: 2s, retries: 0, concurrency: 3}
    - {type: rabbitmq, exchange: e, keys: [b, 'c.*'], systems: [shop]}
    - {type: rabbitmq, exchange: e, keys: [d]}
events:
  sinks: [{type: stream, stream: s, maxLength: 5, types: [online]}, {type: channel, channel: c, name: n}]
${servers}`);
  assert.deepEqual(routes[0], {
    keys: ['a'],
    to: {
      ...{ type: 'http', name: 'http:h/x', systems: undefined },
      ...{ url: 'https://h/x', secret: 's'.repeat(32), timeoutMs: 2000 },
    },
    ...{ retries: 0, concurrency: 3 },
  });
  const [, second, third] = routes;
  assert.ok(second?.to.type === 'rabbitmq' && third !== undefined);
  assert.deepEqual(
    [second.to.to, second.to.systems, second.keys],
    [{ exchange: 'e', routingKey: '' }, ['shop'], ['b', 'c.*']],
  );
  assert.equal(third.to.name, 'rabbitmq:e#2');
  const [stream, channel] = sinks;
  assert.ok(stream?.to.type === 'stream' && channel?.to.type === 'channel');
  assert.deepEqual([stream.to.stream, stream.to.maxLength, stream.types], ['s', 5, ['online']]);
  assert.deepEqual([channel.to.channel, channel.to.name, channel.to.redis.db], ['c', 'n', 2]);
});

test('every file that cannot be used is named with its setting; one that others can read is warned about', () => {
  const open = write('open.url', 'redis://h');
  chmodSync(open, 0o644);
  assert.match(
    plan(`doors: [{type: stream, urlFile: ${open}}]`).warnings.join('\n'),
    /open\.url: holds a secret .*chmod/,
  );

  const published = write('published', 'a-string-secret-at-least-256-bits-long');
  const bad = `doors: [{type: stream, urlFile: /nowhere}, {type: rabbitmq, urlFile: ${open}}]
uplink: {routes: [{type: http, url: "https://h", keys: [a], secretFile: ${published}}]}`;
  const places = (error: unknown) =>
    error instanceof StartError && error.parts.map(({ at, words }) => [at?.key, at?.path, words.replace(/^.*?: /, '')]);
  assert.throws(
    () => plan(bad),
    (error) => {
      assert.deepEqual(places(error), [
        ['doors', [0, 'urlFile'], 'no such file'],
        [
          'doors',
          [1, 'urlFile'],
          'expected a URL such as amqp://user:password@127.0.0.1:5672/vhost, found a URL of redis:',
        ],
        [
          'uplink.routes',
          [0, 'secretFile'],
          'this secret is published, so everybody knows it; `openssl rand -base64 32` makes a good one',
        ],
      ]);
      return true;
    },
  );
});
