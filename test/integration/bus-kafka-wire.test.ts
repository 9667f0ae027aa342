import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { Consumer } from '@platformatic/kafka';
import { ensureTopic } from '../../src/backends/kafka.ts';
import { KafkaSubscriber } from '../../src/bus/engines/kafka-subscriber.ts';
import { isRising, listen, startBusLoad } from '../support/bus-load.ts';
import { createAuthority } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { kafkaPlace, openKafkaAdmin, startKafkaNode } from '../support/kafka-node.ts';
import { freePort } from '../support/services/free-port.ts';
import { startKafka } from '../support/services/kafka.ts';

// A broker that sends its clients to the proxy, whichever address they came by.
const [port, inside, controller] = [await freePort(), await freePort(), await freePort()];
const proxy = await startFaultProxy({ after }, { port });
const behind = `INSIDE://127.0.0.1:${inside}`;
await startKafka(
  { after },
  {
    port,
    config: [
      `controller.quorum.voters=1@127.0.0.1:${controller}`,
      `listeners=CLIENTS://127.0.0.1:${port},${behind},CONTROLLER://127.0.0.1:${controller}`,
      `advertised.listeners=CLIENTS://127.0.0.1:${proxy.port},${behind}`,
    ],
  },
);
const url = `127.0.0.1:${proxy.port}`;
const say = (bus: { broadcast(bytes: Buffer): Promise<void> }, number: number) =>
  bus.broadcast(Buffer.from(String(number)));

test('a wire cut again and again under load: what was taken arrives, in order and once', async (t) => {
  const node = await startKafkaNode(t, kafkaPlace(url), 'node');
  const load = startBusLoad(node.bus);
  for (let cuts = 1; cuts <= 3; cuts += 1) {
    const before = load.taken.length;
    await eventually('some are taken', () => load.taken.length > before + 50);
    const failures = node.figure('fetch_failures');
    proxy.cut();
    await eventually('it is noticed', () => node.figure('fetch_failures') > failures);
    await eventually('it is back', () => node.bus.failure === undefined);
  }
  await load.stop();
  const last = Math.max(...load.taken);
  await eventually('the last has arrived', () => node.heard.includes(last));
  const arrived = new Set(node.heard);
  assert.deepEqual(
    load.taken.filter((number) => !arrived.has(number)),
    [],
  );
  assert.ok(isRising(node.heard), 'in order, none twice');
  assert.equal(node.figure('gaps'), 0);
});

test('answers that are lost: what Kafka had taken is not written twice', async (t) => {
  const node = await startKafkaNode(t, kafkaPlace(url), 'node', { confirmWithinMs: 20_000 });
  await say(node.bus, 0);
  await eventually('it is heard', () => node.heard.length === 1);
  proxy.dropReplies();
  const taken = say(node.bus, 1);
  await eventually('it is under way', () => node.figure('requests') === 2);
  await proxy.pass();
  await taken;
  await eventually('it works', () => node.bus.failure === undefined);
  await say(node.bus, 2);
  await eventually('the last has arrived', () => node.heard.includes(2));
  assert.deepEqual(node.heard, [0, 1, 2]);
});

test('a wire that swallows everything is noticed within seconds, and what is said then is rejected at once', async (t) => {
  const node = await startKafkaNode(t, kafkaPlace(url), 'node');
  await say(node.bus, 0);
  proxy.blackhole();
  await eventually('it is noticed', () => node.bus.failure !== undefined, 10_000);
  const asked = performance.now();
  await assert.rejects(say(node.bus, 1));
  assert.ok(performance.now() - asked < 100);
  await proxy.pass();
  await eventually('it is over', () => node.bus.failure === undefined, 10_000);
  await say(node.bus, 2);
  await eventually('it is heard', () => node.heard.includes(2));
  assert.deepEqual(node.heard, [0, 2]);
});

test('what is deleted while it is read is a gap that is counted; reading goes on with what is left', async (t) => {
  const place = kafkaPlace(url);
  const admin = openKafkaAdmin(t, url);
  await ensureTopic(admin, {
    name: place.topic,
    partitions: 1,
    keeps: { retentionMs: 600_000, maxRecordBytes: 1_000_000 },
  });
  const sender = await startKafkaNode(t, place, 'sender');
  const reader = new Consumer({ clientId: 'test', groupId: 'test', bootstrapBrokers: [url], retries: 0 });
  t.after(() => reader.close(true));
  reader.topics.track(place.topic);
  const held = Promise.withResolvers<void>();
  const fetch = reader.fetch.bind(reader);
  reader.fetch = (async (options: Parameters<typeof fetch>[0]) => {
    await held.promise;
    return fetch(options);
  }) as typeof reader.fetch;
  const { heard, onMessage } = listen();
  const subscriber = new KafkaSubscriber({
    topic: place.topic,
    reader,
    committedOffset: async () => undefined,
    maxCatchupMs: 60_000,
    onMessage,
    onChange: () => {},
  });
  await subscriber.start(5000);
  for (const number of [0, 1, 2, 3]) await say(sender.bus, number);
  await admin.deleteRecords({ topics: [{ name: place.topic, partitions: [{ partition: 0, offset: 3n }] }] });
  held.resolve();
  await eventually('the rest is heard', () => heard.length > 0);
  subscriber.stop();
  await subscriber.ended();
  assert.deepEqual(heard, [3]);
  const { gaps, skipped, fetch_failures } = subscriber.figures();
  assert.deepEqual([gaps, skipped, fetch_failures], [1, 3, 1]);
});

for (const mechanism of ['PLAIN', 'SCRAM-SHA-512'] as const) {
  test(`TLS and ${mechanism}: with both it works, without either it is refused; a password is never told`, async (t) => {
    await using authority = await createAuthority();
    const tls = { ...(await authority.issue('server')), ca: authority.file };
    const sasl = { mechanism, username: 'yunque', password: 'right-one' };
    const broker = await startKafka(t, { tls, sasl });
    const place = kafkaPlace(broker.url);
    const ca = await readFile(authority.file);
    const node = await startKafkaNode(t, place, 'node', { tls: { ca }, sasl });
    await eventually('it works', () => node.bus.failure === undefined);
    await say(node.bus, 1);
    await eventually('it is heard', () => node.heard.length === 1);
    const strange = await startKafkaNode(t, place, 'strange', { sasl });
    assert.notEqual(strange.bus.failure, undefined);
    const untrusting = await startKafkaNode(t, place, 'untrusting', { tls: {}, sasl });
    assert.match(String(untrusting.bus.failure), /certificate/);
    const wrong = { ...sasl, password: 'wrong-one' };
    const denied = await startKafkaNode(t, place, 'denied', { tls: { ca }, sasl: wrong });
    assert.match(String(denied.bus.failure), /authentication|credentials/i);
    assert.doesNotMatch(String(denied.bus.failure), /wrong-one/);
  });
}
