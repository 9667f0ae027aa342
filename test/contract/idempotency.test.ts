import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createIdempotency } from '../../src/store/create-idempotency.ts';
import { keptForMs } from '../../src/store/idempotency.ts';
import { createRedisClaims, type RedisClaimsOptions } from '../../src/store/redis/idempotency.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { connectRedis } from '../support/redis-client.ts';
import { startRedis } from '../support/services/redis.ts';
import { testIdempotency } from './idempotency.ts';

const scope = { after: (end: () => unknown) => void after(end) };
const redis = await startRedis(scope);
const client = connectRedis(scope, redis.port);
let clusters = 0;
const newCluster = () => `cluster ${++clusters}:{x}`;
const nodesOf = (nodes: number, cluster: string, more: Partial<RedisClaimsOptions> = {}) =>
  Array.from({ length: nodes }, () => createIdempotency({ claims: createRedisClaims({ client, cluster, ...more }) }));

testIdempotency('memory', async () => [createIdempotency()]);
testIdempotency('redis', async (nodes) => nodesOf(nodes, newCluster()));

const asked = { key: 'k', system: 's', bodyHash: 'h'.repeat(43) };
const typesOf = (answers: readonly { readonly type: string; readonly isReplayed?: boolean }[]) =>
  answers.map(({ type, isReplayed }) => (isReplayed === true ? 'replayed' : type));

test('redis: of retries that reach all nodes at once one is done, on one node', async () => {
  const nodes = nodesOf(3, newCluster());
  let count = 0;
  const gate = Promise.withResolvers<void>();
  const what = async () => {
    count += 1;
    await gate.promise;
    return `answer ${count}`;
  };
  const all = Array.from({ length: 30 }, (_, index) => nodes[index % 3]?.run(asked, what) ?? assert.fail());
  const [first] = await Promise.all([nodes[1]?.run({ ...asked, bodyHash: 'H'.repeat(43) }, what)]);
  assert.equal(first?.type, 'conflict');
  gate.resolve();
  const answers = await Promise.all(all);
  assert.equal(count, 1);
  assert.deepEqual(typesOf(answers).sort(), [...Array(29).fill('replayed'), 'result']);
  assert.ok(answers.every((answer) => answer.type === 'result' && answer.result === 'answer 1'));
});

test('redis: what another node was refused is done by the next', async () => {
  const [one, two] = nodesOf(2, newCluster());
  await assert.rejects(one?.run(asked, () => Promise.reject(new Error('503'))) ?? assert.fail(), /503/);
  assert.deepEqual(await two?.run(asked, async () => 'x'), { type: 'result', result: 'x', isReplayed: false });
  assert.deepEqual(await one?.run(asked, async () => 'y'), { type: 'result', result: 'x', isReplayed: true });
});

test('redis: the claim of a node that died ends, and one that takes long is kept', async () => {
  const cluster = newCluster();
  const [one, two] = nodesOf(2, cluster, { claimMs: 150 });
  const gate = Promise.withResolvers<void>();
  const slow = one?.run(asked, async () => {
    await gate.promise;
    return 'slow';
  });
  const waiting = two?.run(asked, async () => assert.fail('it is under way'));
  const dead = createRedisClaims({ client: deadAfterClaim(client), cluster, claimMs: 150 });
  void createIdempotency({ claims: dead }).run({ ...asked, key: 'dead' }, () => new Promise(() => {}));
  assert.equal((await two?.run({ ...asked, key: 'dead' }, async () => 'again'))?.type, 'result');
  gate.resolve();
  assert.deepEqual(typesOf([(await slow) ?? assert.fail(), (await waiting) ?? assert.fail()]), ['result', 'replayed']);
});

test('redis: where it is gone each node knows what it did itself', async (t) => {
  const proxy = await startFaultProxy(t, { port: redis.port });
  const cut = connectRedis(t, proxy.port);
  let alone = 0;
  const claims = createRedisClaims({ client: cut, cluster: newCluster(), onAlone: () => alone++ });
  const runs = createIdempotency({ claims });
  await proxy.refuse();
  assert.deepEqual(await runs.run(asked, async () => 'x'), { type: 'result', result: 'x', isReplayed: false });
  assert.deepEqual(await runs.run(asked, async () => 'y'), { type: 'result', result: 'x', isReplayed: true });
  assert.equal(alone, 1);
});

test('memory: answers go after five minutes, and the oldest first where there is no room', async () => {
  let now = 0;
  const runs = createIdempotency({ now: () => now, maxBytes: 10_000 });
  const isKept = async (key: string) => {
    const answer = await runs.run({ ...asked, key }, async () => 'x'.repeat(1000));
    return answer.type === 'result' && answer.isReplayed;
  };
  assert.equal(await isKept('a'), false);
  now = keptForMs - 1;
  assert.equal(await isKept('a'), true);
  now = keptForMs;
  assert.equal(await isKept('a'), false);
  for (const key of ['b', 'c', 'd', 'e']) await isKept(key);
  assert.deepEqual([await isKept('e'), await isKept('d'), await isKept('a')], [true, true, false]);
});

/** A client whose node lives for one command. */
function deadAfterClaim(alive: typeof client): typeof client {
  let commands = 0;
  return new Proxy(alive, {
    get: (target, name) => {
      const found = Reflect.get(target, name) as unknown;
      if (typeof found !== 'function') return found;
      if (String(name).startsWith('yunque') && commands++ > 0) return () => Promise.reject(new Error('dead'));
      return found.bind(target);
    },
  });
}
