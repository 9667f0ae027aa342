import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { isRising, startBusLoad } from '../support/bus-load.ts';
import { createAuthority } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { type RabbitPlace, rabbitPlace, startRabbitNode } from '../support/rabbit-node.ts';
import { startRabbitmq } from '../support/services/rabbitmq.ts';
import type { Scope } from '../support/services/scope.ts';

const { url, port } = await startRabbitmq({ after });
const say = (bus: { broadcast(bytes: Buffer): Promise<void> }, number: number) =>
  bus.broadcast(Buffer.from(String(number)));

/** The same exchange, reached through a bad network. */
async function throughProxy(scope: Scope, place: RabbitPlace) {
  const proxy = await startFaultProxy(scope, { port });
  return { proxy, far: { ...place, url: `amqp://guest:guest@127.0.0.1:${proxy.port}` } };
}

test('a wire cut again and again under load: what was confirmed arrives, in order and once, on both sides of it', async (t) => {
  const place = rabbitPlace(url);
  const { proxy, far } = await throughProxy(t, place);
  const near = await startRabbitNode(t, place, 'near');
  const cut = await startRabbitNode(t, far, 'cut');
  const load = startBusLoad(cut.bus);
  for (let cuts = 1; cuts <= 3; cuts += 1) {
    const before = load.taken.length;
    await eventually('some are confirmed', () => load.taken.length > before + 50);
    proxy.cut();
    await eventually('it is noticed', () => cut.figure('reconnects') >= cuts * 2);
    await eventually('it is back', () => cut.bus.failure === undefined);
  }
  await load.stop();
  const last = Math.max(...load.taken);
  for (const { heard } of [near, cut]) {
    await eventually('the last has arrived', () => heard.includes(last));
    const arrived = new Set(heard);
    assert.deepEqual(
      load.taken.filter((number) => !arrived.has(number)),
      [],
    );
    assert.ok(isRising(heard), 'in order, none twice');
  }
});

test('confirms that are lost: what RabbitMQ had is published again with its message-id, and heard once', async (t) => {
  const place = rabbitPlace(url);
  const { proxy, far } = await throughProxy(t, place);
  const near = await startRabbitNode(t, place, 'near');
  const cut = await startRabbitNode(t, far, 'cut', { confirmWithinMs: 60_000 });
  await say(cut.bus, 0);
  proxy.dropReplies();
  const taken = [1, 2, 3].map((number) => say(cut.bus, number));
  await eventually('RabbitMQ has them', () => near.heard.includes(3));
  await proxy.pass();
  await Promise.all(taken);
  await eventually('it works again', () => cut.bus.failure === undefined);
  await say(cut.bus, 4);
  await eventually('the last has arrived', () => near.heard.includes(4) && cut.heard.includes(4));
  assert.deepEqual(
    [near.heard, cut.heard],
    [
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ],
  );
  assert.ok(cut.figure('republished') > 0);
  assert.ok(near.figure('duplicates') > 0);
});

test('a wire that swallows everything is noticed by its heartbeat, and what waited goes when it is whole again', async (t) => {
  const place = rabbitPlace(url);
  const { proxy, far } = await throughProxy(t, place);
  const node = await startRabbitNode(t, far, 'node', { heartbeatSeconds: 1, confirmWithinMs: 60_000 });
  await say(node.bus, 0);
  proxy.blackhole();
  const taken = say(node.bus, 1);
  await eventually('it is noticed', () => node.bus.failure !== undefined, 15_000);
  assert.match(String(node.bus.failure), /heartbeat/i);
  await assert.rejects(say(node.bus, 2));
  await proxy.refuse();
  await proxy.pass();
  await taken;
  await eventually('it is heard', () => node.heard.includes(1), 15_000);
  assert.deepEqual(node.heard, [0, 1]);
});

test('a server that is not there yet is found when it is; tries come with growing pauses', async (t) => {
  const place = rabbitPlace(url);
  const { proxy, far } = await throughProxy(t, place);
  await proxy.refuse();
  const node = await startRabbitNode(t, far, 'node');
  assert.match(String(node.bus.failure), /ECONNREFUSED/);
  await eventually('it has tried a few times', () => node.figure('reconnects') >= 4);
  assert.ok(node.figure('reconnects') < 12, 'no hot loop');
  await proxy.pass();
  await eventually('it is found', () => node.bus.failure === undefined);
  await say(node.bus, 1);
  await eventually('it is heard', () => node.heard.length === 1);
});

test('TLS: with the authority of the server it works, without it is refused; a password is never told', async (t) => {
  await using authority = await createAuthority();
  const issued = await authority.issue('server');
  const server = await startRabbitmq(t, { tls: { ...issued, ca: authority.file } });
  const ca = await readFile(authority.file);
  const place = rabbitPlace(server.url);
  assert.match(place.url, /^amqps:/);
  const node = await startRabbitNode(t, place, 'node', { tls: { ca } });
  assert.equal(node.bus.failure, undefined);
  await say(node.bus, 1);
  await eventually('it is heard', () => node.heard.length === 1);
  const strange = await startRabbitNode(t, place, 'strange');
  assert.match(String(strange.bus.failure), /certificate/);
  const wrong = { ...place, url: place.url.replace('guest:guest', 'guest:s3cret') };
  const denied = await startRabbitNode(t, wrong, 'denied', { tls: { ca } });
  assert.match(String(denied.bus.failure), /ACCESS.REFUSED/);
  assert.doesNotMatch(String(denied.bus.failure), /s3cret/);
});
