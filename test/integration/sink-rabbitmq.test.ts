import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { GetMessage } from 'amqplib';
import { createRabbitSink } from '../../src/egress/sinks/rabbitmq.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { openRabbitChannel } from '../support/rabbit-node.ts';
import { sharedService } from '../support/services/shared.ts';
import { testSink } from '../support/sink-suite.ts';

const { url, prefix } = await sharedService({ after }, 'rabbitmq');
const { hostname, port } = new URL(url);
const channel = await openRabbitChannel({ after }, url);
let made = 0;
const fresh = () => `${prefix}-${++made}`;
const one = { key: 'u1', id: 'a', body: '{}' };

testSink('rabbitmq', async (t) => {
  const queue = fresh();
  const proxy = await startFaultProxy(t, { host: hostname, port: Number(port || 5672) });
  const all: GetMessage[] = [];
  t.after(() => channel.deleteQueue(queue));
  return {
    open: () =>
      createRabbitSink({ url: `amqp://guest:guest@127.0.0.1:${proxy.port}`, to: { queue }, clientId: 'test' }),
    async arrived() {
      await channel.assertQueue(queue, { durable: true });
      for (;;) {
        const message = await channel.get(queue, { noAck: true });
        if (message === false) break;
        all.push(message);
      }
      return all.map(({ content, properties }) => {
        return { id: properties.messageId, body: String(content), key: properties.headers?.['key'] };
      });
    },
    goAway: () => proxy.refuse(),
    comeBack: () => proxy.pass(),
  };
});

test('messages are persistent JSON with the record id, in a durable queue that was declared by the sink', async (t) => {
  const queue = fresh();
  const sink = createRabbitSink({ url, to: { queue }, clientId: 'test' });
  t.after(() => sink.close());
  await sink.send([one]);
  await channel.assertQueue(queue, { durable: true });
  const message = await channel.get(queue, { noAck: true });
  assert.ok(message !== false);
  const { messageId, deliveryMode, contentType } = message.properties;
  assert.deepEqual([messageId, deliveryMode, contentType], ['a', 2, 'application/json']);
  await channel.deleteQueue(queue);
});

test('a queue that is there is used as it is, whatever its arguments', async (t) => {
  const queue = fresh();
  await channel.assertQueue(queue, { durable: false, autoDelete: false, maxLength: 7 });
  const sink = createRabbitSink({ url, to: { queue }, clientId: 'test' });
  t.after(() => sink.close());
  await sink.send([one]);
  assert.equal((await channel.checkQueue(queue)).messageCount, 1);
  await channel.deleteQueue(queue);
});

test('what no queue takes is a failure that says why; a queue that was deleted is declared again', async (t) => {
  const queue = fresh();
  const sink = createRabbitSink({ url, to: { queue }, clientId: 'test' });
  t.after(() => sink.close());
  await sink.send([one]);
  await channel.deleteQueue(queue);
  await assert.rejects(sink.send([one]), { message: `RabbitMQ: the queue ${queue} is not there any more` });
  await eventually('it is taken', () =>
    sink.send([one]).then(
      () => true,
      () => false,
    ),
  );
  await channel.deleteQueue(queue);
});

test('an exchange is not declared: without it the sink says so, without a queue for the key too, and both can be mended', async (t) => {
  const exchange = fresh();
  const queue = fresh();
  const sink = createRabbitSink({ url, to: { exchange, routingKey: 'presence.events' }, clientId: 'test' });
  t.after(() => sink.close());
  await assert.rejects(sink.send([one]), {
    message: `RabbitMQ: there is no exchange ${exchange}: declare it, or name another`,
  });
  assert.equal(sink.status.state, 'failing');
  await channel.assertExchange(exchange, 'topic');
  await eventually('it is ready', () => sink.status.state === 'ready');
  await assert.rejects(sink.send([one]), {
    message: `RabbitMQ: the exchange ${exchange} has no queue bound for the routing key "presence.events"`,
  });
  await channel.assertQueue(queue);
  await channel.bindQueue(queue, exchange, 'presence.*');
  await sink.send([one]);
  assert.equal((await channel.checkQueue(queue)).messageCount, 1);
  await channel.deleteQueue(queue);
  await channel.deleteExchange(exchange);
});

test('a wire that swallows everything: `send` rejects after its timeout', async (t) => {
  const proxy = await startFaultProxy(t, { host: hostname, port: Number(port || 5672) });
  const queue = fresh();
  const sink = createRabbitSink({
    url: `amqp://guest:guest@127.0.0.1:${proxy.port}`,
    to: { queue },
    clientId: 'test',
    timeoutMs: 300,
  });
  t.after(() => sink.close());
  await eventually('it is ready', () => sink.status.state === 'ready');
  proxy.blackhole();
  await assert.rejects(sink.send([one]), { message: 'RabbitMQ has not confirmed it within 300 ms' });
  await proxy.pass();
  await channel.deleteQueue(queue);
});
