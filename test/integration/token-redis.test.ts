import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { it, type TestContext } from 'node:test';
import { Redis } from 'ioredis';
import { createTokens } from '../../src/access/tokens/create-tokens.ts';
import { createRedisSource, type RedisSourceOptions } from '../../src/access/tokens/redis-source.ts';
import { eventually } from '../support/eventually.ts';
import { startRedis } from '../support/services/redis.ts';

const prefix = 'yunque:token:';

async function tokensOf(t: TestContext, url: string, more: Partial<RedisSourceOptions> = {}) {
  const rules = { clockSkewMs: 30_000, idBytes: 256, timeoutMs: 2000 };
  const source = await createRedisSource({ name: 'redis', url, prefix, ...rules, ...more });
  const tokens = createTokens({ sources: [source] });
  t.after(() => tokens.close());
  const verify = async (token: string, system?: string) => {
    const verdict = await tokens.verify(token, system);
    return verdict.valid ? verdict.user : [verdict.code, verdict.message, verdict.detail];
  };
  return { verify };
}

async function clientOf(t: TestContext, url: string): Promise<Redis> {
  const redis = new Redis(url);
  t.after(() => redis.disconnect());
  return redis;
}

const notValid = 'the token is not valid';

it('a token is a key of Redis: its value says who, its time to live how long', async (t) => {
  const { url } = await startRedis(t);
  const redis = await clientOf(t, url);
  const { verify } = await tokensOf(t, url);
  const exp = Math.floor(Date.now() / 1000) + 600;
  const set = (token: string, value: unknown) =>
    redis.set(prefix + token, typeof value === 'string' ? value : JSON.stringify(value));

  await set('plain', 'alice');
  assert.deepEqual(await verify('plain', 'shop'), { uid: 'alice', system: 'shop' });
  await set('full', { uid: '云雀', sys: 'shop', did: 'phone', exp });
  assert.deepEqual(await verify('full'), { uid: '云雀', system: 'shop', deviceId: 'phone', expiresAt: exp * 1000 });
  assert.deepEqual(((await verify('full', 'bank')) as string[])[1], 'the token is for another system');

  await redis.set(`${prefix}short`, 'bob', 'PX', 60_000);
  const { expiresAt = 0 } = (await verify('short')) as { expiresAt?: number };
  assert.ok(expiresAt > Date.now() + 50_000 && expiresAt <= Date.now() + 60_000, String(expiresAt));
  await redis.set(`${prefix}both`, JSON.stringify({ uid: 'bob', exp }), 'PX', 60_000);
  assert.equal(((await verify('both')) as { expiresAt?: number }).expiresAt, exp * 1000, 'exp is stronger');
  await set('old', { uid: 'bob', exp: exp - 700 });
  assert.deepEqual(((await verify('old')) as string[])[0], 'token_expired');
});

it('what is no token of Redis is refused, and why is for the operator only', async (t) => {
  const { url } = await startRedis(t);
  const redis = await clientOf(t, url);
  const { verify } = await tokensOf(t, url);
  await redis.mset({
    secret: 'root',
    [`${prefix}empty`]: '',
    [`${prefix}broken`]: '{"uid":',
    [`${prefix}list`]: '{"uid":["a"]}',
  });
  await redis.mset({
    [`${prefix}exp`]: '{"uid":"a","exp":"1"}',
    [`${prefix}nobody`]: '{}',
    [`${prefix}bell`]: 'a\u0007',
  });
  await redis.hset(`${prefix}hash`, 'uid', 'root');
  for (const [token, message, detail] of [
    ['missing', notValid, 'there is no such key in Redis'],
    ['../secret', notValid, 'there is no such key in Redis'],
    ['*', notValid, 'there is no such key in Redis'],
    ['hash', notValid, 'its key in Redis is not a string'],
    ['broken', notValid, 'its value in Redis begins with "{" and is not JSON'],
    ['exp', notValid, '"exp" of its value in Redis is not a number'],
    ['empty', "the token's uid is empty", undefined],
    ['bell', "the token's uid has a control character", undefined],
    ['list', "the token's uid is not text", undefined],
    ['nobody', "the token's uid is missing", undefined],
  ] as const) {
    assert.deepEqual(await verify(token), ['unauthorized', message, detail], token);
  }
  assert.equal(((await verify('a\r\nGET secret')) as string[])[0], 'unauthorized');
});

it('a Redis with a password is asked with it, and without it tokens cannot be checked', async (t) => {
  const password = randomBytes(8).toString('hex');
  const { port } = await startRedis(t, { password });
  const url = `redis://:${password}@127.0.0.1:${port}`;
  const redis = await clientOf(t, url);
  await redis.set(`${prefix}t`, 'alice');
  assert.deepEqual(await (await tokensOf(t, url)).verify('t'), { uid: 'alice', system: 'default' });
  const refused = (await (await tokensOf(t, `redis://:wrong@127.0.0.1:${port}`)).verify('t')) as string[];
  assert.equal(refused[0], 'unavailable');
  assert.doesNotMatch(refused.join(), /wrong/);
});

it('a Redis that goes away makes tokens unavailable at once, and is found again when it is back', async (t) => {
  const server = await startRedis(t);
  const { verify } = await tokensOf(t, server.url);
  assert.equal(((await verify('t')) as string[])[0], 'unauthorized');
  await server.stop();
  await eventually('unavailable', async () => ((await verify('t')) as string[])[0] === 'unavailable');
  const began = performance.now();
  for (let i = 0; i < 100; i++) assert.equal(((await verify('t')) as string[])[0], 'unavailable');
  assert.ok(performance.now() - began < 10_000, 'none of them waits for a timeout of its own');
  await server.start();
  await eventually('unauthorized', async () => ((await verify('t')) as string[])[0] === 'unauthorized');
});

it('a Redis that hangs makes tokens unavailable in time', async (t) => {
  const server = await startRedis(t);
  const { verify } = await tokensOf(t, server.url, { timeoutMs: 300 });
  assert.equal(((await verify('t')) as string[])[0], 'unauthorized');
  server.kill('SIGSTOP');
  assert.equal(((await verify('t')) as string[])[2], 'Command timed out');
  assert.equal(((await verify('t')) as string[])[0], 'unavailable');
  server.kill('SIGCONT');
  await eventually('unauthorized', async () => ((await verify('t')) as string[])[0] === 'unauthorized');
});

it('a Redis that was never there keeps nobody from starting or closing', async (t) => {
  const server = await startRedis(t);
  await server.stop();
  const { verify } = await tokensOf(t, server.url);
  const refused = (await verify('t')) as string[];
  assert.equal(refused[0], 'unavailable');
  assert.match(refused[2] ?? '', /ECONNREFUSED/);
});

it('of a server that does not know the command, and repeats what came with it, no word shows the token', async (t) => {
  const { url } = await startRedis(t, { args: ['--rename-command', 'GET', 'NOPE'] });
  const { verify } = await tokensOf(t, url);
  const [code, , detail = ''] = (await verify('a-secret-token')) as string[];
  assert.equal(code, 'unavailable');
  assert.match(detail, /unknown command/);
  assert.doesNotMatch(detail, /secret/);
});
