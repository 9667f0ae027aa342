import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { Redis } from 'ioredis';
import { eventually } from '../../support/eventually.ts';
import { isFree } from '../../support/services/free-port.ts';

const program = join(import.meta.dirname, '../../services.ts');

interface Command {
  readonly process: ChildProcess;
  said(): string;
  readonly code: Promise<number>;
}

function services(t: TestContext, ...words: readonly string[]): Command {
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const code = once(child, 'close').then(([number]) => number as number);
  return { process: child, said: () => said, code };
}

const urlIn = (text: string) => /redis:\/\/127\.0\.0\.1:(\d+), ready/.exec(text);

async function portOf(command: Command): Promise<number> {
  await eventually('it says where Redis is', () => urlIn(command.said()) !== null);
  return Number(urlIn(command.said())?.[1]);
}

it('npm run services: says where a server listens, and ends it with Ctrl-C', async (t) => {
  const command = services(t, 'redis=0');
  const port = await portOf(command);
  await eventually('how to end it', () => /Ctrl-C/.test(command.said()));
  const redis = new Redis(port, { retryStrategy: null });
  t.after(() => redis.disconnect());
  assert.equal(await redis.ping(), 'PONG');
  redis.disconnect();
  command.process.kill('SIGINT');
  assert.equal(await command.code, 0, command.said());
  assert.ok(await isFree(port));
});

it('npm run services: a killed one leaves no server behind', async (t) => {
  const command = services(t, 'redis=0');
  const port = await portOf(command);
  command.process.kill('SIGKILL');
  await eventually('Redis has gone, too', () => isFree(port));
});

it('npm run services: every port that is taken is named before anything starts', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const command = services(t, 'redis=0', `kafka=${port}`, `rabbitmq=${port}`);
  assert.equal(await command.code, 1);
  assert.match(command.said(), new RegExp(`Kafka: port ${port} of 127.0.0.1 is in use.*\nRabbitMQ: port ${port} `));
  assert.doesNotMatch(command.said(), /starting/);
});

it('npm run services: a word it does not know is named, with those it knows', async (t) => {
  const command = services(t, 'redis', 'postgres', 'kafka=x');
  assert.equal(await command.code, 2);
  assert.match(command.said(), /unknown: postgres kafka=x\n.*redis, rabbitmq, kafka/);
});
