import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SignJWT } from 'jose';
import { eventually } from '../support/eventually.ts';
import { commandsOf, type Language, languages, whyMissing } from '../support/example-languages.ts';
import { copyExamples, exampleEnvironment, runCommands } from '../support/example-place.ts';
import { freePort } from '../support/services/free-port.ts';
import { type SharedService, sharedService } from '../support/services/shared.ts';
import { adjusted, shipped } from '../support/unit-file.ts';
import { connect, paths, type WsClient } from '../support/ws-clients.ts';
import type { Fields } from '../support/ws-decode.ts';
import { createYunque } from './cli-binary.ts';

const page = new URL('../../docs/examples/README.md', import.meta.url);
const order = { items: ['tea', '杯子'], total: 12.5 };

interface Stats {
  readonly nodes: readonly { readonly doors: readonly { readonly state: string }[] }[];
}

/** All doors on the test's servers, and alice connected in two dialects. */
interface Scene {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clients: readonly WsClient[];
}

test('the examples of docs/examples/README.md push as they stand', { concurrency: 3, timeout: 230_000 }, async (t) => {
  const scene = await openScene(t);
  const one = (language: Language) =>
    t.test(`${language.name} pushes through ${language.doors.join(', ')}`, async (t) => {
      const reason = await whyMissing(language);
      if (reason !== undefined) return t.skip(reason);
      await runCommands(await commandsOf(language, page), { ...scene, timeout: 220_000 });
      for (const client of scene.clients) {
        for (const door of language.doors)
          await assertReceived(client, `${language.name.toLowerCase()} through ${door}`);
      }
    });
  await Promise.all(languages.map(one));
  for (const client of scene.clients) assert.deepEqual(twice(client.messages.map(titleOf)), [], client.dialect);
});

async function openScene(t: TestContext): Promise<Scene> {
  const [redis, kafka, rabbitmq, grpcPort, cwd, yunque] = await Promise.all([
    sharedService(t, 'redis'),
    sharedService(t, 'kafka'),
    sharedService(t, 'rabbitmq'),
    freePort(),
    copyExamples(t),
    createYunque(t),
  ]);
  const secret = randomBytes(32).toString('base64');
  const secretFile = join(yunque.home, 'token.secret');
  await writeFile(secretFile, secret, { mode: 0o600 });
  const config = join(yunque.home, 'doors.yaml');
  await writeFile(config, doorsAt(redis.prefix, { redis, kafka, rabbitmq }));
  const set = {
    'grpc.port': grpcPort,
    'auth.tokens': JSON.stringify([{ type: 'jwt', algorithm: 'HS256', secretFile }]),
  };
  const given = Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const node = await yunque.serve(['--config', config, ...given]);
  const url = `http://127.0.0.1:${node.port}`;
  await eventually('all doors read', async () => {
    const { out } = await yunque.run(['stats', '--json', '-s', url]);
    const doors = (JSON.parse(out) as Stats).nodes.flatMap((node) => node.doors);
    return doors.length === 4 && doors.every(({ state }) => state === 'reading');
  });
  const token = await new SignJWT({ sub: 'alice' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('10m')
    .sign(Buffer.from(secret));
  const env = await exampleEnvironment(cwd, {
    REDIS_URL: redis.url,
    KAFKA_BROKERS: kafka.url,
    AMQP_URL: rabbitmq.url,
    HTTP_URL: url,
    GRPC_TARGET: `127.0.0.1:${grpcPort}`,
    TOPIC: redis.prefix,
  });
  return { cwd, env, clients: [await alice(t, url, token, 'json'), await alice(t, url, token, 'yunque')] };
}

/** The shipped file, in which only names and servers are the test's. */
function doorsAt(topic: string, servers: Readonly<Record<'redis' | 'kafka' | 'rabbitmq', SharedService>>): string {
  const file = shipped('configs/doors.yaml').replaceAll(/^( *(?:topic|channel|stream|queue): )chat$/gm, `$1${topic}`);
  return adjusted(file, {
    'port: 6379': `port: ${new URL(servers.redis.url).port}`,
    'amqp://guest:guest@127.0.0.1:5672': servers.rabbitmq.url,
    '[127.0.0.1:9092]': `[${servers.kafka.url}]`,
  });
}

async function alice(t: TestContext, url: string, token: string, dialect: 'json' | 'yunque'): Promise<WsClient> {
  const ws = url.replace('http', 'ws');
  const client = await connect({ ws }, dialect, { url: `${ws}${paths[dialect]}?token=${token}` });
  t.after(() => client.ws.terminate());
  await client.next((frame) => (dialect === 'json' ? frame.type === 'hello' : frame.type === 'reply'));
  return client;
}

/** The message, whole, as its dialect has it. */
async function assertReceived(client: WsClient, title: string): Promise<void> {
  const titled = () => client.messages.map(protoOf).find((message) => message['title'] === title);
  const message = await client.until(titled, `message "${title}"`);
  assert.equal(message['id'], '9007199254740993', title);
  assert.equal(message['action'], 'order', title);
  assert.deepEqual(JSON.parse((message['content'] as { order: string }).order), order, title);
}

/** Of both dialects: `json` has the message in its data. */
const protoOf = (body: Fields): Fields => ('data' in body ? (body['data'] as Fields) : body);

const titleOf = (body: Fields) => protoOf(body)['title'];
const twice = (values: readonly unknown[]) => values.filter((value, at) => values.indexOf(value) !== at);
