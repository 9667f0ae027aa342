import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Channel, type ConfirmChannel, connect } from 'amqplib';
import type { QueueRecord } from '../../src/ingress/queue/source.ts';
import { createRabbitSource, type RabbitSourceOptions } from '../../src/ingress/queue/sources/rabbitmq.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { openRabbitChannel } from '../support/rabbit-node.ts';
import { startRabbitmq } from '../support/services/rabbitmq.ts';
import type { Scope } from '../support/services/scope.ts';
import { missing, numbers, type SourceProbe, startSource, startSourceChild } from '../support/source-probe.ts';

// Killed by the last test of the file only.
const server = await startRabbitmq({ after });
const warnings: Readonly<Record<string, unknown>>[] = [];

interface Door {
  readonly queue: string;
  readonly stranger: Channel;
  readonly options: RabbitSourceOptions;
  send(texts: readonly string[], properties?: object): void;
}

async function openDoor(scope: Scope, more: Partial<RabbitSourceOptions> = {}): Promise<Door> {
  const queue = `chat-${randomUUID()}`;
  const stranger = await openRabbitChannel(scope, server.url);
  const options = {
    url: server.url,
    queue,
    door: 'shop',
    clientId: 'node-1',
    standbyTryMs: 50,
    lagEveryMs: 100,
    ...more,
  };
  const warn = (fields: Readonly<Record<string, unknown>>) => void warnings.push(fields);
  const send = (texts: readonly string[], properties: object = {}) => {
    for (const text of texts) stranger.sendToQueue(queue, Buffer.from(text), { persistent: true, ...properties });
  };
  return { queue, stranger, options: { ...options, warn }, send };
}

/** The frames of a message with a header of arrays within arrays: AMQP 0-9-1, sections 4.2 and 1.8.3.7. */
function deepMessage({ stranger, queue }: Door, text: string, levels: number): Buffer {
  const arrays = Buffer.alloc(levels * 5, 'A');
  for (let level = 0; level < levels; level++) arrays.writeUInt32BE((levels - 1 - level) * 5, level * 5 + 1);
  const header = Buffer.alloc(20);
  header.writeUInt16BE(60);
  header.writeUInt32BE(Buffer.byteLength(text), 8);
  header.writeUInt16BE(1 << 13, 12);
  header.writeUInt32BE(arrays.length + 2, 14);
  header.write('\u0001a', 18);
  const publish = Buffer.from([0, 60, 0, 40, 0, 0, 0, queue.length, ...Buffer.from(queue), 0]);
  const frame = (type: number, payload: Buffer) => {
    const head = Buffer.alloc(7);
    head.writeUInt8(type);
    head.writeUInt16BE((stranger as unknown as { ch: number }).ch, 1);
    head.writeUInt32BE(payload.length, 3);
    return Buffer.concat([head, payload, Buffer.from([0xce])]);
  };
  return Buffer.concat([frame(1, publish), frame(2, Buffer.concat([header, arrays])), frame(3, Buffer.from(text))]);
}

const isReading = ({ source }: SourceProbe) => source.status.state === 'reading';
const waiting = async ({ stranger, queue }: Door, suffix = '') =>
  (await stranger.checkQueue(queue + suffix)).messageCount;

test('a queue that is not there is declared as other clients declare it, and read in order, whole batches at a time', async (t) => {
  const door = await openDoor(t);
  const held = Promise.withResolvers<void>();
  const probe = startSource(t, createRabbitSource(door.options), () => held.promise);
  await eventually('it reads', () => isReading(probe));
  await door.stranger.assertQueue(door.queue, { durable: true });
  door.send(['0'], { messageId: 'm-0', headers: { system: 'shop', idempotencyKey: Buffer.from('k') } });
  door.send(['1'], { headers: { system: 42 } });
  door.send(numbers(2998, 2));
  await eventually('it counts what waits', () => probe.source.status.lag === 3000);
  held.resolve();
  await eventually('all are taken', () => probe.taken.length >= 3000);
  assert.deepEqual(probe.taken, numbers(3000));
  assert.deepEqual([probe.records[0]?.id, probe.records[0]?.headers], ['m-0', { system: 'shop', idempotencyKey: 'k' }]);
  assert.deepEqual([probe.records[1]?.id, probe.records[1]?.headers], [undefined, { system: '42' }]);
  assert.ok(probe.batches.length < 1000, `${probe.batches.length} batches`);
  await eventually('none waits', () => probe.source.status.lag === 0);
  await probe.source.close();
  assert.equal(await waiting(door), 0, 'all were acknowledged');
});

test('poison is among the dead letters with where it came from, and the rest goes on', async (t) => {
  const door = await openDoor(t);
  const probe = startSource(t, createRabbitSource(door.options));
  await eventually('it reads', () => isReading(probe));
  door.send(['a', 'poison'], { messageId: 'm-7', headers: { trace: 't-1' }, contentType: 'application/json' });
  door.send(['b']);
  await eventually('all are taken', () => probe.taken.length === 3);
  await eventually('it is parked', () => probe.figure('parked') === 1);
  const letter = await door.stranger.get(`${door.queue}.dead`);
  assert.ok(letter);
  assert.equal(letter.content.toString(), 'poison');
  const { time, ...headers } = letter.properties.headers ?? {};
  assert.deepEqual(headers, {
    trace: 't-1',
    reason: 'not a push',
    door: 'shop',
    queue: door.queue,
    messageId: 'm-7',
  });
  assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
  assert.equal(letter.properties.deliveryMode, 2, 'kept over a restart of the server');
  await probe.source.close();
  assert.equal(await waiting(door), 0);
});

test('headers that nobody can read or write again are left out, and their message is parked as any other', async (t) => {
  const door = await openDoor(t);
  const probe = startSource(t, createRabbitSource(door.options));
  await eventually('it reads', () => isReading(probe));
  // A table of somebody else that looks like one of the library's own notes; and more than one frame holds with what is said beside it.
  door.send(['poison 1'], { headers: { trace: 't-1', odd: Object.create({ '!': 'none' }), long: 'x'.repeat(60_000) } });
  const { connection } = door.stranger as unknown as { connection: { stream: Writable } };
  // What the library itself cannot write; behind what it was given before.
  await door.stranger.checkQueue(door.queue);
  connection.stream.write(deepMessage(door, 'poison 2', 20_000));
  door.send(['a']);
  await eventually('all are taken', () => probe.taken.length >= 3);
  assert.deepEqual(probe.taken, ['poison 1', 'poison 2', 'a']);
  assert.equal(probe.records[1]?.defect, 'its headers cannot be read');
  await eventually('both are parked', () => probe.figure('parked') === 2);
  const letter = await door.stranger.get(`${door.queue}.dead`);
  assert.ok(letter);
  const { trace, odd, long, headersLeftOut, reason } = letter.properties.headers ?? {};
  assert.deepEqual([trace, odd, long, headersLeftOut, reason], ['t-1', undefined, undefined, 2, 'not a push']);
  await probe.source.close();
  assert.equal(await waiting(door), 0);
});

test('poison that no dead letters take for long is written into the log whole, and stops nothing', async (t) => {
  const door = await openDoor(t, { parkWithinMs: 300 });
  // Takes nothing, and says so.
  const full = { maxLength: 0, overflow: 'reject-publish', durable: true };
  await door.stranger.assertQueue(`${door.queue}.dead`, full);
  const probe = startSource(t, createRabbitSource(door.options));
  await eventually('it reads', () => isReading(probe));
  warnings.length = 0;
  door.send(['poison 1', 'a']);
  await eventually('what is behind it is taken', () => probe.taken.includes('a'));
  await eventually('it is counted', () => probe.figure('unparked') === 1);
  const [line] = warnings;
  assert.deepEqual(
    [line?.['door'], line?.['reason'], Buffer.from(String(line?.['body']), 'base64').toString()],
    ['shop', 'not a push', 'poison 1'],
  );
  await probe.source.close();
  assert.equal(await waiting(door), 0);
});

test('what cannot be handed on is given again, and nothing is read past it', async (t) => {
  const door = await openDoor(t);
  let refusals = 3;
  const probe = startSource(t, createRabbitSource(door.options), () => {
    refusals -= 1;
    if (refusals >= 0) throw new Error('overloaded');
  });
  await eventually('it reads', () => isReading(probe));
  door.send(numbers(500));
  await eventually('all are taken', () => probe.taken.length >= 500);
  assert.deepEqual(probe.taken, numbers(500));
});

test('one of three reads, and the next goes on in order when it leaves', async (t) => {
  const door = await openDoor(t);
  const held = Promise.withResolvers<void>();
  const all: string[] = [];
  const before = async (batch: readonly QueueRecord[]) => {
    // By then more may come than one batch.
    if (all.length >= 1500) await held.promise;
    all.push(...batch.map(({ body }) => body.toString()));
  };
  const probes = ['a', 'b', 'c'].map((clientId) =>
    startSource(t, createRabbitSource({ ...door.options, clientId }), before),
  );
  const states = () => probes.map(({ source }) => source.status.state).sort();
  await eventually('one reads', () => states().join() === 'reading,standby,standby');
  door.send(numbers(6000));
  await eventually('it is in the middle', () => all.length >= 1500 && probes.some(isReading));
  const closed = probes.find(isReading)?.source.close();
  // The others try several times while it ends its batch.
  await pause(300);
  held.resolve();
  await closed;
  await eventually('another reads', () => states().join() === 'closed,reading,standby');
  await eventually('all are taken', () => all.length >= 6000);
  assert.deepEqual(all, numbers(6000), 'in order, none twice');
});

test('a virtual host that is not there is named', async (t) => {
  const door = await openDoor(t, { url: `${server.url}/%2Fnone` });
  const { source } = startSource(t, createRabbitSource(door.options));
  await eventually('it fails', () => source.status.state === 'failing');
  assert.match(source.status.failure ?? '', /^the server does not open the virtual host %2Fnone of the URL/);
});

test('a queue that was declared otherwise is read as it is', async (t) => {
  const door = await openDoor(t);
  await door.stranger.assertQueue(door.queue, { durable: false, maxLength: 10_000 });
  const probe = startSource(t, createRabbitSource(door.options));
  door.send(numbers(10));
  await eventually('all are taken', () => probe.taken.length === 10);
});

test('a queue with a single active consumer, which lets nobody be exclusive, is read by one', async (t) => {
  const door = await openDoor(t);
  await door.stranger.assertQueue(door.queue, { durable: true, arguments: { 'x-single-active-consumer': true } });
  const first = startSource(t, createRabbitSource(door.options));
  await eventually('it reads', () => isReading(first));
  const second = startSource(t, createRabbitSource({ ...door.options, clientId: 'node-2' }));
  await eventually('the other stands by', () => second.source.status.state === 'standby');
  door.send(numbers(10));
  await eventually('all are taken', () => first.taken.length === 10);
  await first.source.close();
  door.send(numbers(10, 10));
  await eventually('the other goes on', () => second.taken.length === 10);
});

test('a queue deleted while it is read is declared and read anew', async (t) => {
  const door = await openDoor(t);
  const probe = startSource(t, createRabbitSource(door.options));
  await eventually('it reads', () => isReading(probe));
  door.send(['0']);
  await eventually('it takes', () => probe.taken.length === 1);
  await door.stranger.deleteQueue(door.queue);
  await eventually('it is told', () => probe.figure('cancelled') === 1);
  await eventually('it reads again', () => isReading(probe));
  assert.ok(probe.states.includes('failing'));
  door.send(numbers(10, 1));
  await eventually('all are taken', () => probe.taken.length === 11);
});

test('messages larger than what may wait here come few at a time', async (t) => {
  const door = await openDoor(t);
  const held = Promise.withResolvers<void>();
  const probe = startSource(t, createRabbitSource(door.options), () =>
    probe.taken.length < 30 ? undefined : held.promise,
  );
  await eventually('it reads', () => isReading(probe));
  const large = Buffer.alloc(2 * 1024 * 1024, 'x').toString();
  door.send(Array.from({ length: 60 }, () => large));
  await eventually('it is in the middle', () => probe.taken.length >= 30, 30_000);
  await eventually('others wait in the queue', async () => (await waiting(door)) > 0);
  held.resolve();
  await eventually('all are taken', () => probe.taken.length === 60, 30_000);
});

test('a connection that is lost with a batch under way gives the rest again, and nothing is missing', async (t) => {
  const proxy = await startFaultProxy(t, server);
  const door = await openDoor(t, { url: server.url.replace(String(server.port), String(proxy.port)) });
  let cuts = 3;
  const probe = startSource(t, createRabbitSource(door.options), () => {
    if (probe.taken.length > 1000 * (4 - cuts) && cuts > 0) {
      cuts -= 1;
      proxy.cut();
    }
  });
  const sent = numbers(6000);
  await eventually('it reads', () => isReading(probe));
  door.send(sent);
  await eventually('all are taken', () => missing(sent, probe.taken).length === 0, 30_000);
  assert.equal(cuts, 0);
  // Two cuts may fall on one connection.
  assert.ok(probe.figure('reconnects') >= 1);
  assert.ok(probe.taken.length - 6000 <= 3 * 1000, `${probe.taken.length - 6000} came again`);
  assert.equal(probe.figure('redelivered') >= probe.taken.length - 6000, true);
});

test('a reader killed in the middle loses nothing, and another reads on', async (t) => {
  const door = await openDoor(t);
  await door.stranger.assertQueue(door.queue, { durable: true });
  const { warn: _, ...options } = door.options;
  const child = startSourceChild(t, 'rabbitmq', { ...options, clientId: 'child' });
  const isRead = async () => (await door.stranger.checkQueue(door.queue)).consumerCount === 1;
  await eventually('it reads', isRead, 20_000);
  const sent = numbers(20_000);
  // While it learns how much may come, another could take its place.
  door.send(sent.slice(0, 1000));
  await eventually('it has got going', () => child.taken.length === 1000, 20_000);
  const probe = startSource(t, createRabbitSource(door.options));
  await eventually('this one stands by', () => probe.source.status.state === 'standby');
  door.send(sent.slice(1000));
  await eventually('it is in the middle', () => child.taken.length > 2000, 20_000);
  await child.kill();
  await eventually('all are taken', () => missing(sent, child.taken, probe.taken).length === 0, 30_000);
  const again = child.taken.length + probe.taken.length - sent.length;
  assert.ok(again >= 0 && again <= 2000, `${again} came again: the batch under way, and one whose acknowledgement was`);
});

test('a reader that stood still while another was let in hands on nothing more', async (t) => {
  const door = await openDoor(t);
  await door.stranger.assertQueue(door.queue, { durable: true });
  const sent = numbers(10_000);
  door.send(sent);
  const { warn: _, ...options } = door.options;
  const child = startSourceChild(t, 'rabbitmq', { ...options, clientId: 'child', heartbeatSeconds: 1, pauseMs: 20 });
  await eventually('it is in the middle', () => child.taken.length > 1000, 20_000);
  child.process.kill('SIGSTOP');
  const probe = startSource(t, createRabbitSource(door.options));
  await eventually('another has all the rest', () => missing(sent, child.taken, probe.taken).length === 0, 20_000);
  const before = child.taken.length;
  child.process.kill('SIGCONT');
  await eventually('it stands by', () => child.states.at(-1) === 'standby');
  assert.equal(child.taken.length, before, 'nothing after the batch that was under way');
});

test('a server in need of memory is read on, though it takes no dead letters', async (t) => {
  const door = await openDoor(t, { parkWithinMs: 300 });
  const held = Promise.withResolvers<void>();
  const probe = startSource(t, createRabbitSource(door.options), () => held.promise);
  await eventually('it reads', () => isReading(probe));
  door.send(['a', 'poison', ...numbers(200)]);
  await eventually('they wait', () => probe.source.status.lag === 202);
  await server.ctl('set_vm_memory_high_watermark', '0');
  held.resolve();
  await eventually('all are taken', () => probe.taken.length === 202, 20_000);
  await eventually('none waits', () => probe.source.status.lag === 0);
  assert.equal(probe.source.status.state, 'reading');
  assert.equal(probe.figure('unparked'), 1);
  await server.ctl('set_vm_memory_high_watermark', 'absolute', '512MB');
  door.send(['poison again']);
  await eventually('it is parked', () => probe.figure('parked') === 1, 20_000);
});

test('a server killed and started again with its data gives what it had confirmed', async (t) => {
  const door = await openDoor(t);
  const probe = startSource(t, createRabbitSource(door.options));
  await eventually('it reads', () => isReading(probe));
  const publishing = await connect(server.url);
  publishing.on('error', () => {});
  const publisher: ConfirmChannel = await publishing.createConfirmChannel();
  publisher.on('error', () => {});
  const confirmed: string[] = [];
  for (const text of numbers(20_000)) {
    publisher.sendToQueue(door.queue, Buffer.from(text), { persistent: true, messageId: text }, (error) => {
      if (!error) confirmed.push(text);
    });
  }
  await eventually('some are confirmed', () => confirmed.length > 500 && probe.taken.length > 0);
  await server.stop();
  await eventually('it notices', () => probe.source.status.state === 'failing');
  assert.match(probe.source.status.failure ?? '', /./);
  await server.start();
  await eventually('it reads again', () => isReading(probe), 20_000).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(probe.source.status)}`);
  });
  const isAllTaken = () => missing(confirmed, probe.taken).length === 0;
  await eventually('all that was confirmed is taken', isAllTaken, 60_000).catch((error: Error) => {
    const left = missing(confirmed, probe.taken);
    const { status } = probe.source;
    throw new Error(
      `${error.message}: ${left.length} of ${confirmed.length} from ${left[0]} on, ${JSON.stringify(status)}`,
    );
  });
  t.diagnostic(`${confirmed.length} confirmed, ${probe.taken.length - new Set(probe.taken).size} came again`);
});
