import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isRising, startBusLoad } from '../support/bus-load.ts';
import { eventually } from '../support/eventually.ts';
import { kafkaPlace, openKafkaAdmin, startKafkaNode } from '../support/kafka-node.ts';
import { startKafka } from '../support/services/kafka.ts';

const { url, kill, stop, start } = await startKafka({ after });
const say = (bus: { broadcast(bytes: Buffer): Promise<void> }, number: number) =>
  bus.broadcast(Buffer.from(String(number)));
const sayAll = async (bus: { broadcast(bytes: Buffer): Promise<void> }, numbers: readonly number[]) => {
  for (const number of numbers) await say(bus, number);
};

test('Kafka killed and started again under load: what was taken arrives, in order and once', async (t) => {
  const place = kafkaPlace(url);
  const sender = await startKafkaNode(t, place, 'sender');
  const receiver = await startKafkaNode(t, place, 'receiver');
  const load = startBusLoad(sender.bus);
  await eventually('some are taken', () => load.taken.length > 200);
  await stop();
  await eventually('both notice', () => sender.bus.failure !== undefined && receiver.bus.failure !== undefined);
  const asked = performance.now();
  await assert.rejects(say(sender.bus, -1));
  assert.ok(performance.now() - asked < 100, 'at once');
  const takenBefore = load.taken.length;
  await start();
  await eventually(
    'both are back',
    () => sender.bus.failure === undefined && receiver.bus.failure === undefined,
    20_000,
  );
  await eventually('more are taken', () => load.taken.length > takenBefore + 200, 20_000);
  await load.stop();
  const last = Math.max(...load.taken);
  for (const { heard, figure } of [sender, receiver]) {
    await eventually('the last has arrived', () => heard.includes(last));
    const arrived = new Set(heard);
    assert.deepEqual(
      load.taken.filter((number) => !arrived.has(number)),
      [],
    );
    assert.ok(isRising(heard), 'in order, none twice');
    assert.ok(figure('reconnects') > 0 && figure('fetch_failures') > 0);
    assert.equal(figure('gaps'), 0);
  }
  assert.ok(load.failed.length > 0);
});

test('Kafka that hangs: broadcasts reject within about two seconds, and all goes on in order when it does', async (t) => {
  const place = kafkaPlace(url);
  const node = await startKafkaNode(t, place, 'node');
  await say(node.bus, 0);
  kill('SIGSTOP');
  const asked = performance.now();
  try {
    const outcomes = await Promise.allSettled([1, 2, 3].map((number) => say(node.bus, number)));
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    );
    assert.ok(performance.now() - asked < 3500, `${performance.now() - asked} ms`);
    await eventually('it says so', () => node.bus.failure !== undefined, 20_000);
  } finally {
    kill('SIGCONT');
  }
  await eventually('it goes on', () => node.bus.failure === undefined, 20_000);
  await sayAll(node.bus, [4, 5]);
  await eventually('the last has arrived', () => node.heard.includes(5));
  // Of what was rejected it is not known whether Kafka took it.
  assert.ok(isRising(node.heard), String(node.heard));
  assert.ok(node.figure('late') + node.figure('failed') > 0);
});

test('a node that was away is given what it missed, and nothing of before; its group holds its offset', async (t) => {
  const place = kafkaPlace(url);
  const stays = await startKafkaNode(t, place, 'stays');
  const goes = await startKafkaNode(t, place, 'goes', { commitEveryMs: 20 });
  await sayAll(stays.bus, [0, 1]);
  await eventually('it has them', () => goes.heard.length === 2);
  await eventually('its offset is kept', () => goes.figure('commits') > 0);
  const admin = openKafkaAdmin(t, url);
  const group = `${place.topic}-goes`;
  const members = (await admin.describeGroups({ groups: [group] })).get(group)?.members;
  assert.deepEqual(
    [...(members?.values() ?? [])].map(({ groupInstanceId }) => groupInstanceId),
    [group],
  );
  await goes.bus.close();
  await sayAll(stays.bus, [2, 3, 4]);
  const back = await startKafkaNode(t, place, 'goes');
  await eventually('it has what it missed', () => back.heard.length >= 3);
  assert.deepEqual(
    [goes.heard, back.heard],
    [
      [0, 1],
      [2, 3, 4],
    ],
  );
  assert.deepEqual([back.figure('gaps'), back.figure('skipped'), back.figure('rebalances')], [0, 0, 0]);
});

test('a node that was away for too long skips what is too old, and counts it as a gap', async (t) => {
  const place = kafkaPlace(url);
  const stays = await startKafkaNode(t, place, 'stays');
  const goes = await startKafkaNode(t, place, 'goes', { commitEveryMs: 20 });
  await say(stays.bus, 0);
  await eventually('its offset is kept', () => goes.figure('commits') > 0);
  await goes.bus.close();
  await sayAll(stays.bus, [1, 2, 3]);
  await eventually('that is a while ago', async () => {
    await new Promise((resolve) => setTimeout(resolve, 60));
    return true;
  });
  const back = await startKafkaNode(t, place, 'goes', { maxCatchupMs: 50 });
  await say(stays.bus, 4);
  await eventually('it hears what is new', () => back.heard.length > 0);
  assert.deepEqual(back.heard, [4]);
  assert.deepEqual([back.figure('gaps'), back.figure('skipped')], [1, 3]);
});

test('what was deleted before a node came back for it is a gap that is counted, and what is left is heard', async (t) => {
  const place = kafkaPlace(url);
  const stays = await startKafkaNode(t, place, 'stays');
  const goes = await startKafkaNode(t, place, 'goes', { commitEveryMs: 20 });
  await say(stays.bus, 0);
  await eventually('its offset is kept', () => goes.figure('commits') > 0);
  await goes.bus.close();
  await sayAll(stays.bus, [1, 2, 3, 4]);
  const admin = openKafkaAdmin(t, url);
  await admin.deleteRecords({ topics: [{ name: place.topic, partitions: [{ partition: 0, offset: 3n }] }] });
  const back = await startKafkaNode(t, place, 'goes');
  await eventually('it has the rest', () => back.heard.length >= 2);
  assert.deepEqual(back.heard, [3, 4]);
  assert.deepEqual([back.figure('gaps'), back.figure('skipped')], [1, 2]);
});

test('a topic deleted under the nodes is created again and goes on; the gap is counted', async (t) => {
  const place = kafkaPlace(url);
  const node = await startKafkaNode(t, place, 'node');
  await sayAll(node.bus, [0, 1, 2]);
  await eventually('all have arrived', () => node.heard.length === 3);
  const admin = openKafkaAdmin(t, url);
  await admin.deleteTopics({ topics: [place.topic] });
  await eventually(
    'it is heard again',
    async () => {
      await say(node.bus, 3).catch(() => {});
      return node.heard.includes(3);
    },
    20_000,
  );
  assert.equal(node.figure('gaps'), 1);
});

test('a record of somebody else is dropped and counted, and holds up nothing', async (t) => {
  const { Producer } = await import('@platformatic/kafka');
  const place = kafkaPlace(url);
  const node = await startKafkaNode(t, place, 'node');
  const producer = new Producer({ clientId: 'stranger', bootstrapBrokers: [url] });
  t.after(() => producer.close());
  const record = { topic: place.topic, partition: 0, value: Buffer.from('{"hello": 1}') };
  await producer.send({ messages: [record], acks: -1 });
  await eventually('it is counted', () => node.figure('foreign') === 1);
  await say(node.bus, 1);
  await eventually('ours arrives', () => node.heard.length === 1);
});

test('a group that hears no heartbeat for too long is said', async (t) => {
  const place = kafkaPlace(url);
  const node = await startKafkaNode(t, place, 'node', { heartbeatStallMs: 1000 });
  await say(node.bus, 0);
  await eventually('it is a member', () => node.figure('commits') > 0);
  kill('SIGSTOP');
  try {
    await eventually('it is said', () => node.warnings.length > 0, 15_000);
  } finally {
    kill('SIGCONT');
  }
  assert.match(String(node.warnings), /has not heard/);
  assert.equal(node.figure('heartbeat_stalls'), 1);
});
