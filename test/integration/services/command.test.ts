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

async function portsOf(command: Command): Promise<readonly number[]> {
  const all = () => [...command.said().matchAll(/redis:\/\/127\.0\.0\.1:(\d+), ready/g)];
  await eventually('both are ready', () => all().length === 2 && /Ctrl-C/.test(command.said()));
  return all().map(([, port]) => Number(port));
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

/** kill -9, as the README invites people to. */
async function killRedisAt(t: TestContext, port: number): Promise<void> {
  const redis = new Redis(port, { retryStrategy: null });
  t.after(() => redis.disconnect());
  redis.on('error', () => {});
  const pid = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
  process.kill(pid, 'SIGKILL');
}

it('npm run services: when its only server is killed it says so, how to start it again, and ends with 1', async (t) => {
  const command = services(t, 'redis=0');
  const port = await portOf(command);
  await eventually('how to end it', () => /Ctrl-C/.test(command.said()));
  await killRedisAt(t, port);
  assert.equal(await command.code, 1, command.said());
  assert.match(command.said(), new RegExp(`Redis +has gone \\(by SIGKILL\\).*: npm run services -- redis=${port}\n`));
  assert.doesNotMatch(command.said(), /await|at file:/);
});

it('npm run services: of several, the one that goes is named, and the others stay until Ctrl-C or the end of all', async (t) => {
  const commands = [services(t, 'redis=0', 'redis=0'), services(t, 'redis=0', 'redis=0')] as const;
  const ports = await Promise.all(commands.map(portsOf));
  const goneOf = (command: Command) => command.said().match(/has gone \(by SIGKILL\)/g)?.length ?? 0;
  for (const [index, command] of commands.entries()) {
    const [first = 0, second = 0] = ports[index] ?? [];
    await killRedisAt(t, first);
    await eventually('it is named', () => goneOf(command) === 1);
    assert.match(command.said(), new RegExp(`in another terminal: npm run services -- redis=${first}\n`));
    assert.equal(await isFree(second), false);
    assert.equal(command.process.exitCode, null);
  }
  commands[0].process.kill('SIGINT');
  assert.equal(await commands[0].code, 0, commands[0].said());
  await killRedisAt(t, ports[1]?.[1] ?? 0);
  assert.equal(await commands[1].code, 1, commands[1].said());
  assert.equal(goneOf(commands[1]), 2);
});

it('npm run services: Ctrl-C that reaches the servers first is no loss of them', async (t) => {
  const command = services(t, 'redis=0');
  const port = await portOf(command);
  await eventually('how to end it', () => /Ctrl-C/.test(command.said()));
  await killRedisAt(t, port);
  command.process.kill('SIGINT');
  assert.equal(await command.code, 0, command.said());
  assert.doesNotMatch(command.said(), /has gone/);
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
