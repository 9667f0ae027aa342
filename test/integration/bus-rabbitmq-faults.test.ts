import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { isRising, startBusLoad } from '../support/bus-load.ts';
import { eventually } from '../support/eventually.ts';
import { openRabbitChannel, rabbitPlace, startRabbitNode } from '../support/rabbit-node.ts';
import { startRabbitmq } from '../support/services/rabbitmq.ts';

// Of a server that is only hurt in ways that are over with their test; one that is killed is a test's own.
const { url, ctl, kill, pid } = await startRabbitmq({ after });
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, at) => from + at);
const say = (bus: { broadcast(bytes: Buffer): Promise<void> }, number: number) =>
  bus.broadcast(Buffer.from(String(number)));

/** A signal reaches a program with many threads one after the other. Linux: `proc_pid_stat(5)`, the third field. */
async function standsStill(pid: number): Promise<boolean> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const states = await Promise.all(tasks.map((task) => readFile(`/proc/${pid}/task/${task}/stat`, 'utf8')));
  return states.every((stat) => / T \d/.test(stat.slice(stat.lastIndexOf(')') + 1)));
}

test('RabbitMQ killed and started again under load: what was confirmed arrives, in order and once', async (t) => {
  const server = await startRabbitmq(t);
  const place = rabbitPlace(server.url);
  const sender = await startRabbitNode(t, place, 'sender');
  const receiver = await startRabbitNode(t, place, 'receiver');
  const load = startBusLoad(sender.bus);
  await eventually('some are confirmed', () => load.taken.length > 200);
  await server.stop();
  await eventually('both notice', () => sender.bus.failure !== undefined && receiver.bus.failure !== undefined);
  const asked = performance.now();
  await assert.rejects(say(sender.bus, -1));
  assert.ok(performance.now() - asked < 100, 'at once');
  const confirmedBefore = load.taken.length;
  await server.start();
  await eventually(
    'both are back',
    () => sender.bus.failure === undefined && receiver.bus.failure === undefined,
    20_000,
  );
  await eventually('more are confirmed', () => load.taken.length > confirmedBefore + 200);
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
    assert.ok(figure('reconnects') >= 2, 'both of its connections');
  }
  assert.ok(load.failed.length > 0);
});

test('what was not confirmed when the connection was lost is published again, and heard once', async (t) => {
  const server = await startRabbitmq(t);
  const place = rabbitPlace(server.url);
  const node = await startRabbitNode(t, place, 'node', { confirmWithinMs: 60_000 });
  await say(node.bus, 0);
  server.kill('SIGSTOP');
  const taken = numbers(20, 1).map((number) => say(node.bus, number));
  await eventually('they are published', () => node.figure('unconfirmed') > 0);
  await server.stop();
  await server.start();
  await Promise.all(taken);
  await eventually('all have arrived', () => node.heard.length >= 21);
  assert.deepEqual(node.heard, numbers(21));
  assert.ok(node.figure('republished') > 0);
  assert.equal(node.figure('unconfirmed'), 0);
});

test('what comes twice with one message-id is heard once', async (t) => {
  const place = rabbitPlace(url);
  const node = await startRabbitNode(t, place, 'node');
  const channel = await openRabbitChannel(t, url);
  const record = (number: number) => {
    const text = Buffer.from(String(number));
    return Buffer.concat([Buffer.from([1, 0, 0, 0, text.length]), text]);
  };
  for (const number of [0, 1, 0, 1, 2]) {
    channel.publish(place.exchange, '', record(number), { messageId: `elsewhere-${number}` });
  }
  await eventually('the last has arrived', () => node.heard.includes(2));
  assert.deepEqual(node.heard, [0, 1, 2]);
  assert.equal(node.figure('duplicates'), 2);
});

test('what somebody else publishes there is dropped and counted, and holds up nothing', async (t) => {
  const place = rabbitPlace(url);
  const node = await startRabbitNode(t, place, 'node');
  const channel = await openRabbitChannel(t, url);
  for (const strange of ['', '{"hello": 1}', '\x01\xff\xff\xff\xff']) {
    channel.publish(place.exchange, '', Buffer.from(strange, 'latin1'));
  }
  await eventually('they are counted', () => node.figure('foreign') === 3);
  await say(node.bus, 1);
  await eventually('ours arrives', () => node.heard.length === 1);
  assert.deepEqual([node.figure('redelivered'), node.figure('channels_rebuilt')], [0, 0]);
});

test('a channel that RabbitMQ closes alone is made again alone; the exchange and the binding are back', async (t) => {
  const place = rabbitPlace(url);
  const node = await startRabbitNode(t, place, 'node', { bindEveryMs: 200 });
  const channel = await openRabbitChannel(t, url);
  await channel.deleteExchange(place.exchange);
  await eventually('the next is heard again', async () => {
    await say(node.bus, 1).catch(() => {});
    return node.heard.length > 0;
  });
  assert.ok(node.figure('channels_rebuilt') > 0);
  assert.equal(node.figure('reconnects'), 0);
  assert.equal(node.bus.failure, undefined);
});

test('what no queue takes is confirmed by RabbitMQ, and yet rejected here', async (t) => {
  const place = rabbitPlace(url);
  const node = await startRabbitNode(t, place, 'node');
  const channel = await openRabbitChannel(t, url);
  await channel.unbindQueue(`${place.exchange}.node`, place.exchange, '');
  await assert.rejects(say(node.bus, 1), /no queue takes/);
  assert.equal(node.figure('returned'), 1);
  await eventually('its queue is bound again', async () => {
    await say(node.bus, 2).catch(() => {});
    return node.heard.length > 0;
  });
});

test('a queue deleted under its consumer is declared and consumed again', async (t) => {
  const place = rabbitPlace(url);
  const node = await startRabbitNode(t, place, 'node');
  const channel = await openRabbitChannel(t, url);
  await channel.deleteQueue(`${place.exchange}.node`);
  await eventually('it is there again', async () => {
    await say(node.bus, 1).catch(() => {});
    return node.heard.length > 0;
  });
  assert.equal(node.figure('cancelled'), 1);
  assert.equal(node.figure('reconnects'), 0);
});

test('a queue that was declared otherwise before is given up for a new one', async (t) => {
  const place = rabbitPlace(url);
  const channel = await openRabbitChannel(t, url);
  await channel.assertQueue(`${place.exchange}.node`, { durable: true });
  const node = await startRabbitNode(t, place, 'node');
  await eventually('it works', () => node.bus.failure === undefined);
  await say(node.bus, 1);
  await eventually('it is heard', () => node.heard.length === 1);
});

test('an exchange of another type is said, and never touched', async (t) => {
  const place = rabbitPlace(url);
  const channel = await openRabbitChannel(t, url);
  await channel.assertExchange(place.exchange, 'direct', { durable: true });
  const node = await startRabbitNode(t, place, 'node');
  assert.match(String(node.bus.failure), /inequivalent arg 'type' for exchange/);
  await assert.rejects(say(node.bus, 1));
  await channel.deleteExchange(place.exchange);
  await eventually('it works once that is out of the way', () => node.bus.failure === undefined);
});

test('a server short of memory: broadcasts reject with its reason, consuming goes on, and it ends with the alarm', async (t) => {
  const place = rabbitPlace(url);
  const node = await startRabbitNode(t, place, 'node', { confirmWithinMs: 60_000 });
  await ctl('set_vm_memory_high_watermark', '0');
  // RabbitMQ tells those who publish, and keeps what it has not read.
  const kept = say(node.bus, 1);
  await eventually('it says so', () => node.bus.failure?.includes('low on memory') === true);
  await assert.rejects(say(node.bus, 2), /low on memory/);
  assert.equal(node.figure('reconnects'), 0);
  await ctl('set_vm_memory_high_watermark', '0.6');
  await eventually('it takes messages again', () => node.bus.failure === undefined);
  await kept;
  await say(node.bus, 3);
  await eventually('both are heard', () => node.heard.length === 2);
  assert.deepEqual(node.heard, [1, 3]);
});

test('a server that hangs: what may wait is bounded, who waits is told in time, and all of it arrives when it goes on', async (t) => {
  const place = rabbitPlace(url);
  const node = await startRabbitNode(t, place, 'node', { maxUnconfirmedBytes: 1000, confirmWithinMs: 300 });
  kill('SIGSTOP');
  await eventually('it stands still', () => standsStill(pid()));
  let outcomes: PromiseSettledResult<void>[];
  try {
    const asked = performance.now();
    const fits = [say(node.bus, 1), say(node.bus, 2)];
    await eventually('they are published', () => node.figure('unconfirmed') === 1);
    await assert.rejects(node.bus.broadcast(Buffer.alloc(1000)), /too much waits/);
    outcomes = await Promise.allSettled(fits);
    assert.ok(performance.now() - asked < 2000);
  } finally {
    kill('SIGCONT');
  }
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  await eventually('they arrive all the same', () => node.heard.length === 2);
  assert.deepEqual([node.heard, node.figure('refused')], [[1, 2], 1]);
});

test('a node that was away is given what it missed, in order, and of before at most what RabbitMQ had not seen acknowledged', async (t) => {
  const place = rabbitPlace(url);
  const stays = await startRabbitNode(t, place, 'stays');
  const goes = await startRabbitNode(t, place, 'goes');
  await say(stays.bus, 0);
  await eventually('it has it', () => goes.heard.length === 1);
  await goes.bus.close();
  for (const number of [1, 2, 3]) await say(stays.bus, number);
  const back = await startRabbitNode(t, place, 'goes');
  await eventually('it has what it missed', () => back.heard.includes(3)).catch((error: Error) => {
    throw new Error(`${error.message}: ${back.heard.join()}`);
  });
  assert.deepEqual([goes.heard, back.heard.filter((number) => number !== 0)], [[0], [1, 2, 3]]);
});

test('what waited longer than it is of use is not given to a node that comes back', async (t) => {
  const place = rabbitPlace(url);
  const stays = await startRabbitNode(t, place, 'stays', { messageTtlMs: 300 });
  const goes = await startRabbitNode(t, place, 'goes', { messageTtlMs: 300 });
  await goes.bus.close();
  await say(stays.bus, 1);
  const channel = await openRabbitChannel(t, url);
  const queued = async () => (await channel.checkQueue(`${place.exchange}.goes`)).messageCount;
  await eventually('it was dropped', async () => (await queued()) === 0);
  const back = await startRabbitNode(t, place, 'goes', { messageTtlMs: 300 });
  await say(stays.bus, 2);
  await eventually('it hears', () => back.heard.length > 0);
  assert.deepEqual(back.heard, [2]);
});
