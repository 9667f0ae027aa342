import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { Consumer, Producer } from '@platformatic/kafka';
import { createKafkaSource, type KafkaSourceOptions } from '../../src/ingress/queue/sources/kafka.ts';
import { eventually } from '../support/eventually.ts';
import { openKafkaAdmin } from '../support/kafka-node.ts';
import { startKafka } from '../support/services/kafka.ts';
import { missing, numbers, type SourceProbe, startSource, startSourceChild } from '../support/source-probe.ts';

// Killed by the last test of the file only.
const server = await startKafka(
  { after },
  { config: ['group.min.session.timeout.ms=500', 'num.partitions=3', 'transaction.state.log.num.partitions=1'] },
);
const admin = openKafkaAdmin({ after }, server.url);
const producer = new Producer({ clientId: 'stranger', bootstrapBrokers: [server.url], retries: 10, retryDelay: 200 });
after(() => producer.close());
const patienceMs = 30_000;

async function openDoor(partitions: number, more: Partial<KafkaSourceOptions> = {}) {
  const topic = `chat-${randomUUID()}`;
  if (partitions > 0) {
    await admin.createTopics({ topics: [topic], partitions, replicas: 1 });
    await eventually('it has leaders', async () => {
      const found = await admin.metadata({ topics: [topic], forceUpdate: true }).catch(() => undefined);
      const of = Object.values(found?.topics.get(topic)?.partitions ?? {});
      return of.length === partitions && of.every(({ leader }) => leader >= 0);
    });
  }
  const warnings: Readonly<Record<string, unknown>>[] = [];
  const options = {
    brokers: [server.url],
    topic,
    group: 'yunque',
    clientId: 'node-1',
    door: 'shop',
    sessionTimeoutMs: 3000,
    lagEveryMs: 200,
    warn: (fields: Readonly<Record<string, unknown>>) => void warnings.push(fields),
    ...more,
  };
  const send = (texts: readonly string[], to: object | ((text: string) => object) = { partition: 0 }) =>
    producer.send({
      messages: texts.map((text) => ({
        topic,
        value: Buffer.from(text),
        ...(typeof to === 'function' ? to(text) : to),
      })),
    });
  return { topic, options, warnings, send };
}

const isReading = ({ source }: SourceProbe) => source.status.state === 'reading';
const reads = (probe: SourceProbe) => eventually('it reads', () => isReading(probe), patienceMs);

test('a topic that is not there is made with the defaults of the broker, and read from its beginning, each partition in order', async (t) => {
  const door = await openDoor(0);
  const first = startSource(t, createKafkaSource(door.options));
  await reads(first);
  assert.equal((await admin.metadata({ topics: [door.topic] })).topics.get(door.topic)?.partitionsCount, 3);
  await door.send(numbers(3000), (text) => ({ partition: Number(text) % 3 }));
  await eventually('all are taken', () => first.taken.length >= 3000, patienceMs);
  for (const rest of [0, 1, 2]) {
    const ofPartition = first.taken.filter((text) => Number(text) % 3 === rest);
    assert.deepEqual(
      ofPartition,
      numbers(3000).filter((text) => Number(text) % 3 === rest),
    );
  }
  assert.match(first.records[0]?.id ?? '', new RegExp(`^${door.topic}:[012]:0:\\d{13}$`));
  assert.ok(first.batches.length < 300, `${first.batches.length} batches`);
  await eventually('nothing waits', () => first.source.status.lag === 0, patienceMs);
  await first.source.close();
  await door.send(['later'], {
    partition: 1,
    headers: new Map(
      [
        ['system', 'shop'],
        ['idempotencyKey', 'k'],
      ].map(([k, v]) => [Buffer.from(k as string), Buffer.from(v as string)]),
    ),
  });
  const second = startSource(t, createKafkaSource(door.options));
  await eventually('it goes on where the other was', () => second.taken.length > 0, patienceMs);
  assert.deepEqual(second.taken, ['later']);
  assert.deepEqual({ ...second.records[0]?.headers }, { system: 'shop', idempotencyKey: 'k' });
  // Another group has a way of its own, from the beginning.
  const other = startSource(t, createKafkaSource({ ...door.options, group: 'other' }));
  await eventually('all are taken by it', () => other.taken.length === 3001, patienceMs);
});

test('poison is among the dead letters with where it came from, and the rest goes on', async (t) => {
  const door = await openDoor(1);
  const probe = startSource(t, createKafkaSource(door.options));
  await reads(probe);
  await door.send(['a', 'poison', 'b'], { partition: 0, key: Buffer.from('u1') });
  await eventually('it is parked', () => probe.figure('parked') === 1, patienceMs);
  assert.deepEqual(probe.taken, ['a', 'poison', 'b']);
  const consumer = new Consumer({ clientId: 'stranger', groupId: randomUUID(), bootstrapBrokers: [server.url] });
  t.after(() => consumer.close(true));
  const letters = await consumer.consume({ topics: [`${door.topic}.dead`], mode: 'earliest', autocommit: false });
  for await (const letter of letters) {
    const { time, timestamp, ...headers } = Object.fromEntries([...letter.headers].map(([k, v]) => [`${k}`, `${v}`]));
    assert.deepEqual([`${letter.key}`, `${letter.value}`], ['u1', 'poison']);
    assert.deepEqual(headers, { reason: 'not a push', door: 'shop', topic: door.topic, partition: '0', offset: '1' });
    assert.ok(Math.abs(Date.parse(time ?? '') - Number(timestamp)) < 60_000);
    break;
  }
});

test('poison that is more than Kafka takes at once is parked whole, and a record as large as the topic allows cut where it has to be', async (t) => {
  const door = await openDoor(1);
  const { topic } = door;
  const large = (rest: Buffer) => Buffer.concat([Buffer.from('poison '), rest]);
  const bodies = [
    ...numbers(600).map((text) => large(Buffer.alloc(2000, text))),
    large(Buffer.alloc(1_048_400, 'x')),
    large(randomBytes(1_048_400)),
  ];
  for (const some of [bodies.slice(0, 300), bodies.slice(300, 600), ...bodies.slice(600).map((body) => [body])]) {
    await producer.send({ messages: some.map((value) => ({ topic, value, partition: 0 })) });
  }
  const probe = startSource(t, createKafkaSource(door.options));
  await eventually('all are parked', () => probe.figure('parked') === 602, patienceMs);
  assert.equal(probe.figure('unparked'), 0);
  const consumer = new Consumer({ clientId: 'stranger', groupId: randomUUID(), bootstrapBrokers: [server.url] });
  t.after(() => consumer.close(true));
  const letters = await consumer.consume({ topics: [`${topic}.dead`], mode: 'earliest', autocommit: false });
  const parked = new Map<string, { readonly value: Buffer; readonly bytes: string | undefined }>();
  for await (const { headers, value } of letters) {
    const { offset = '', bytes } = Object.fromEntries([...headers].map(([k, v]) => [`${k}`, `${v}`]));
    parked.set(offset, { value, bytes });
    if (parked.size === bodies.length) break;
  }
  const cut = bodies.length - 1;
  for (const [offset, body] of bodies.slice(0, cut).entries()) assert.ok(parked.get(`${offset}`)?.value.equals(body));
  const { value, bytes } = parked.get(`${cut}`) ?? {};
  assert.ok(value?.equals(bodies[cut]?.subarray(0, 512 * 1024) ?? Buffer.alloc(0)));
  assert.equal(bytes, String(bodies[cut]?.length));
});

test('a small compressed batch that would be a large one is not decompressed, and is parked as one record that says so', async (t) => {
  const door = await openDoor(1);
  const { topic } = door;
  const value = Buffer.alloc(65 * 1024 * 1024);
  for (const compression of ['gzip', 'zstd'] as const) {
    await producer.send({ messages: [{ topic, value, partition: 0 }], compression });
  }
  await producer.send({
    messages: ['a', 'b'].map((text) => ({ topic, value: Buffer.from(text) })),
    compression: 'zstd',
  });
  const probe = startSource(t, createKafkaSource(door.options), (records) => {
    for (const { defect, body } of records) if (defect !== undefined) assert.equal(body.length, 0);
  });
  await eventually('all are taken', () => probe.records.length === 4, patienceMs);
  assert.deepEqual(probe.taken, ['', '', 'a', 'b']);
  for (const record of probe.records.slice(0, 2)) assert.match(record.defect ?? '', /67108864 bytes/);
});

test('what cannot be handed on is given again, and nothing is read past it', async (t) => {
  const door = await openDoor(1);
  let refusals = 3;
  const probe = startSource(t, createKafkaSource(door.options), () => {
    refusals -= 1;
    if (refusals >= 0) throw new Error('overloaded');
  });
  await reads(probe);
  await door.send(numbers(500));
  await eventually('all are taken', () => probe.taken.length >= 500, patienceMs);
  assert.deepEqual(probe.taken, numbers(500));
});

test('another reader is given some of the partitions, and gives them back: nothing is lost, nothing comes twice', async (t) => {
  const door = await openDoor(4, { sessionTimeoutMs: 10_000 });
  const first = startSource(t, createKafkaSource(door.options));
  await reads(first);
  const sent: string[] = [];
  let isOver = false;
  const sending = (async () => {
    while (!isOver) {
      const texts = numbers(40, sent.length);
      sent.push(...texts);
      await door.send(texts, (text) => ({ partition: Number(text) % 4 }));
    }
  })();
  await eventually('it is in the middle', () => first.taken.length > 100, patienceMs);
  const second = startSource(t, createKafkaSource({ ...door.options, clientId: 'node-2' }));
  await eventually('both take', () => second.taken.length > 100, patienceMs);
  assert.ok(first.figure('rebalances') >= 1);
  const before = first.taken.length;
  await eventually('the first goes on', () => first.taken.length > before, patienceMs);
  await first.source.close();
  const alone = second.taken.length;
  await eventually('the second goes on', () => second.taken.length > alone + 200, patienceMs);
  isOver = true;
  await sending;
  await eventually('all are taken', () => missing(sent, first.taken, second.taken).length === 0, patienceMs);
  // What Kafka did not let this machine commit in time may come again, and is counted.
  const uncommitted = first.figure('uncommitted') + second.figure('uncommitted');
  const again = first.taken.length + second.taken.length - sent.length;
  t.diagnostic(`${again} came again, ${uncommitted} shares were given up before all was committed`);
  assert.ok(again === 0 || uncommitted > 0, `${again} came twice`);
  for (const rest of [0, 1, 2, 3]) {
    for (const { taken } of [first, second]) {
      const of = taken.map(Number).filter((number) => number % 4 === rest);
      assert.deepEqual(
        of,
        of.toSorted((a, b) => a - b),
      );
    }
  }
});

test('partitions that a topic is given later are read', async (t) => {
  const door = await openDoor(1);
  const probe = startSource(t, createKafkaSource(door.options));
  await reads(probe);
  await admin.createPartitions({ topics: [{ name: door.topic, count: 2, assignments: [{ brokerIds: [1] }] }] });
  await eventually(
    'it can be written to',
    () =>
      door.send(['new'], { partition: 1 }).then(
        () => true,
        () => false,
      ),
    patienceMs,
  );
  await eventually('it is taken', () => probe.taken.includes('new'), patienceMs);
});

test('records that were deleted before they were read are a gap, counted, and what is left is read', async (t) => {
  const door = await openDoor(1);
  const first = startSource(t, createKafkaSource(door.options));
  await reads(first);
  await door.send(numbers(10));
  await eventually('they are taken', () => first.taken.length === 10, patienceMs);
  await first.source.close();
  await door.send(numbers(100, 10));
  await admin.deleteRecords({ topics: [{ name: door.topic, partitions: [{ partition: 0, offset: 60n }] }] });
  const second = startSource(t, createKafkaSource(door.options));
  await eventually('the rest is taken', () => second.taken.length >= 50, patienceMs);
  assert.deepEqual(second.taken, numbers(50, 60));
  assert.deepEqual([second.figure('gaps'), second.figure('skipped')], [1, 50]);
});

test('a topic deleted while it is read is made and read anew', async (t) => {
  const door = await openDoor(1);
  const probe = startSource(t, createKafkaSource(door.options));
  await reads(probe);
  await door.send(numbers(10));
  await eventually('they are taken', () => probe.taken.length === 10, patienceMs);
  await admin.deleteTopics({ topics: [door.topic] });
  const renewed = numbers(20, 100);
  const isSent = () =>
    door.send(renewed).then(
      () => true,
      () => false,
    );
  await eventually('it can be written to again', isSent, patienceMs);
  await eventually('all of it is taken', () => missing(renewed, probe.taken).length === 0, patienceMs);
});

test('what a transaction took back is not handed on', async (t) => {
  const door = await openDoor(1);
  const probe = startSource(t, createKafkaSource(door.options));
  await reads(probe);
  const transactional = new Producer({
    clientId: 'tx',
    bootstrapBrokers: [server.url],
    idempotent: true,
    transactionalId: randomUUID(),
    retries: 5,
  });
  t.after(() => transactional.close());
  for (const [text, isKept] of [
    ['a', true],
    ['b', false],
    ['c', false],
    ['d', true],
  ] as const) {
    const transaction = await transactional.beginTransaction();
    await transaction.send({ messages: [{ topic: door.topic, partition: 0, value: Buffer.from(text) }] });
    await (isKept ? transaction.commit() : transaction.abort());
  }
  await door.send(['last']);
  await eventually('the last is taken', () => probe.taken.includes('last'), patienceMs);
  assert.deepEqual(probe.taken, ['a', 'd', 'last']);
});

test('a reader killed in the middle loses nothing, and another reads on soon', async (t) => {
  const door = await openDoor(2);
  const { warn: _, ...options } = door.options;
  const child = startSourceChild(t, 'kafka', { ...options, clientId: 'child' });
  const sent = numbers(20_000);
  for (let at = 0; at < sent.length; at += 1000) {
    await door.send(sent.slice(at, at + 1000), (text) => ({ partition: Number(text) % 2 }));
  }
  await eventually('it is in the middle', () => child.taken.length > 2000, patienceMs);
  await child.kill();
  const killedAt = performance.now();
  const probe = startSource(t, createKafkaSource(door.options));
  await eventually('all are taken', () => missing(sent, child.taken, probe.taken).length === 0, patienceMs);
  t.diagnostic(`all were taken after ${Math.round(performance.now() - killedAt)} ms`);
  const again = child.taken.length + probe.taken.length - sent.length;
  assert.ok(again >= 0 && again <= 2000, `${again} came again: what was not committed`);
});

test('a reader that stood still while another was given its partitions hands on nothing more of them', async (t) => {
  const door = await openDoor(1);
  const { warn: _, ...options } = door.options;
  const sent = numbers(10_000);
  await door.send(sent);
  const child = startSourceChild(t, 'kafka', { ...options, clientId: 'child', pauseMs: 20 });
  await eventually('it is in the middle', () => child.taken.length > 0, patienceMs);
  child.process.kill('SIGSTOP');
  const probe = startSource(t, createKafkaSource(door.options));
  await eventually('another has all of it', () => missing(sent, child.taken, probe.taken).length === 0, patienceMs);
  const before = child.taken.length;
  child.process.kill('SIGCONT');
  await door.send(['more']);
  await eventually('one of them reads on', () => [...child.taken, ...probe.taken].includes('more'), patienceMs);
  const later = child.taken.slice(before).filter((text) => text !== 'more');
  assert.deepEqual(later, [], 'nothing after the batch that was under way');
});

test('a broker that hangs is said, and what it has is read when it goes on', async (t) => {
  const door = await openDoor(1);
  const probe = startSource(t, createKafkaSource({ ...door.options, sessionTimeoutMs: 1000 }));
  await reads(probe);
  await door.send(['before']);
  await eventually('it is taken', () => probe.taken.length === 1, patienceMs);
  server.kill('SIGSTOP');
  await eventually('it notices', () => probe.source.status.state === 'failing', patienceMs);
  await eventually('it is warned of', () => probe.figure('heartbeat_stalls') === 1, patienceMs);
  server.kill('SIGCONT');
  assert.match(String(door.warnings[0]?.['reason']), /./);
  await reads(probe);
  await door.send(['after']);
  await eventually('it goes on', () => probe.taken.includes('after'), patienceMs);
  assert.deepEqual(probe.taken, ['before', 'after']);
});

test('a broker killed and started again with its data gives what it had acknowledged', async (t) => {
  const door = await openDoor(2);
  const probe = startSource(t, createKafkaSource(door.options));
  await reads(probe);
  const acknowledged: string[] = [];
  let isOver = false;
  const sending = (async () => {
    for (let at = 0; !isOver; at += 20) {
      const texts = numbers(20, at);
      const isTaken = await door
        .send(texts, (text) => ({ partition: Number(text) % 2 }))
        .then(
          () => true,
          () => false,
        );
      if (isTaken) acknowledged.push(...texts);
    }
  })();
  await eventually('it is in the middle', () => probe.taken.length > 1000, patienceMs);
  await server.stop();
  await eventually('it notices', () => probe.source.status.state === 'failing', patienceMs);
  await server.start();
  await eventually('it reads again', () => isReading(probe), 60_000);
  const atLeast = acknowledged.length + 200;
  await eventually('more is acknowledged', () => acknowledged.length > atLeast, 60_000);
  isOver = true;
  await sending;
  await eventually('all that was acknowledged is taken', () => missing(acknowledged, probe.taken).length === 0, 60_000);
  t.diagnostic(`${acknowledged.length} acknowledged, ${probe.taken.length - new Set(probe.taken).size} came again`);
});
