import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agreedTerms } from '../../../../src/app/cluster/agreed-terms.ts';

type Given = Parameters<typeof agreedTerms>[0];

const termsOf = (cluster: object, more: object = {}) => {
  const config = { cluster: { name: 'c', ...cluster }, crypto: { key: 'k' }, rabbitmq: {}, kafka: {}, ...more };
  return agreedTerms(config as unknown as Given, 'k');
};
const plainOf = (cluster: object, more?: object) =>
  termsOf(cluster, more)
    .filter(({ secret }) => !secret)
    .map(({ key, value }) => `${key} ${value}`);

test('nodes agree on the bus and on the place in it, which is named after the cluster where it is not set', () => {
  assert.deepEqual(plainOf({ bus: 'rpc' }), ['cluster.bus rpc']);
  assert.deepEqual(plainOf({ bus: 'redis' }, { kafka: { topic: 'unused' } }), ['cluster.bus redis']);
  assert.deepEqual(plainOf({ bus: 'kafka' }), ['cluster.bus kafka', 'kafka.topic c']);
  assert.deepEqual(plainOf({ bus: 'kafka' }, { kafka: { topic: 't' } }), ['cluster.bus kafka', 'kafka.topic t']);
});

test('nodes agree on the exchange and on the virtual host of RabbitMQ, and not on how they get there', () => {
  const place = (url: string, exchange?: string) => plainOf({ bus: 'rabbitmq' }, { rabbitmq: { url, exchange } });
  const root = ['cluster.bus rabbitmq', 'rabbitmq.url the virtual host /', 'rabbitmq.exchange c'];
  for (const url of ['amqp://h', 'amqp://h/', 'amqps://user:word@10.1.0.9:5671/%2F?heartbeat=5']) {
    assert.deepEqual(place(url), root);
  }
  assert.deepEqual(place('amqp://h/a%20b', 'e').slice(1), ['rabbitmq.url the virtual host a b', 'rabbitmq.exchange e']);
});

test('both secrets are secret, and a derived one is the secret, and said to be derived', () => {
  const secrets = (cluster: object) => termsOf({ bus: 'rpc', ...cluster }).filter(({ secret }) => secret);
  const [key, set] = secrets({ secret: 's' });
  const [, derived] = secrets({});
  assert.deepEqual(
    [key?.key, key?.value, set?.key, set?.value, set?.note],
    ['crypto.key', 'k', 'cluster.secret', 's', undefined],
  );
  assert.match(derived?.value ?? '', /^[0-9a-f]{64}$/);
  assert.match(derived?.note ?? '', /derived from crypto\.key/);
  assert.deepEqual(
    secrets({ secret: derived?.value }).map(({ value }) => value),
    [key?.value, derived?.value],
  );
});
