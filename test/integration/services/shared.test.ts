import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Redis } from 'ioredis';
import { askDesk, openDesk } from '../../support/services/desk.ts';
import { startRedis } from '../../support/services/redis.ts';
import { sharedService } from '../../support/services/shared.ts';

it('those who ask for a server share one, started for the first of them; each has names of its own', async (t) => {
  without(t, 'YUNQUE_TEST_REDIS_URL');
  without(t, 'YUNQUE_TEST_DESK');
  let count = 0;
  const desk = await openDesk({
    redis: (scope) => {
      count += 1;
      return startRedis(scope);
    },
  });
  const none = { after: () => assert.fail('nothing ends with those who ask') };
  const [first, second] = await Promise.all([sharedService(none, 'redis'), sharedService(none, 'redis')]);
  assert.equal(first.url, second.url);
  assert.notEqual(first.prefix, second.prefix);
  assert.equal(count, 1);
  await assert.rejects(askDesk('postgres'), /no service postgres/);

  const redis = new Redis(first.url, { retryStrategy: null });
  redis.on('error', () => {});
  assert.equal(await redis.ping(), 'PONG');
  const gone = new Promise((resolve) => redis.once('end', resolve));
  await desk[Symbol.asyncDispose]();
  await gone;
});

it('a server named by the environment is used as it is', async (t) => {
  for (const [name, variable, url] of [
    ['redis', 'YUNQUE_TEST_REDIS_URL', 'redis://example:1'],
    ['rabbitmq', 'YUNQUE_TEST_RABBITMQ_URL', 'amqp://example:2'],
    ['kafka', 'YUNQUE_TEST_KAFKA_BROKERS', 'example:3,example:4'],
  ] as const) {
    without(t, variable);
    process.env[variable] = url;
    assert.equal((await sharedService(t, name)).url, url);
  }
});

it('a test file that runs by itself has a server of its own', async (t) => {
  without(t, 'YUNQUE_TEST_REDIS_URL');
  without(t, 'YUNQUE_TEST_DESK');
  const [first, second] = [await sharedService(t, 'redis'), await sharedService(t, 'redis')];
  assert.notEqual(first.url, second.url);
});

/** The variable is not set until the test ends, unless the test sets it. */
function without(t: { after(end: () => void): void }, name: string): void {
  const before = process.env[name];
  delete process.env[name];
  t.after(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}
