import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startTestNode, type TestNode } from '../support/node.ts';
import { startRedis } from '../support/services/redis.ts';
import { sharedService } from '../support/services/shared.ts';
import { cli } from '../unit/cli/run-cli.ts';

let node: TestNode;
let folder: string;
before(async () => {
  node = await startTestNode();
  folder = await mkdtemp(join(tmpdir(), 'yunque-doctor-'));
});
after(async () => {
  await node[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Row {
  readonly check: string;
  readonly level: string;
  readonly found: string;
}

async function doctor(config: string, args: readonly string[]) {
  const file = join(folder, 'config.yaml');
  await writeFile(file, config, { mode: 0o600 });
  const ran = await cli(['doctor', '--config', file, '--data-dir', node.dataDirectory, '--json', ...args]);
  const rows = JSON.parse(ran.out).items as readonly Row[];
  return { ...ran, of: (check: string) => rows.filter((row) => row.check === check) };
}

test('a node that runs is compared with, and holds its own port', async () => {
  const { key } = await node.admin.rotateKey({ owner: 'operator', role: 'read' });
  const keyFile = join(folder, 'read.key');
  await writeFile(keyFile, key, { mode: 0o600 });
  const { of } = await doctor(`port: ${node.port}\n`, ['-s', node.url, '--key-file', keyFile]);
  assert.match(of('version')[0]?.found ?? '', /^the node runs .*, as this program does$/);
  assert.match(of('clock')[0]?.found ?? '', /^the same as that of the node at /);
  assert.deepEqual(
    [of('ports')[0]?.level, /held by the node that runs here/.test(of('ports')[0]?.found ?? '')],
    ['ok', true],
  );
  assert.match(of('descriptors')[0]?.found ?? '', new RegExp(`process ${process.pid},`));
});

test('Redis is asked for its version, what it keeps and its clock; one that throws keys away is minded', async (t) => {
  const { port } = await startRedis(t);
  const text = `port: 0\nhost: 127.0.0.1\ncluster: true\ncrypto: {key: 0123456789abcdef0123456789abcdef}\nredis: {port: ${port}}\n`;
  const well = await doctor(text, []);
  assert.match(well.of('redis')[0]?.found ?? '', new RegExp(`127\\.0\\.0\\.1:${port}`));
  assert.ok(well.of('redis').every(({ level }) => level !== 'failed'));
  assert.match(well.of('clock')[0]?.found ?? '', /^the same as that of Redis at /);
  const { Redis } = await import('ioredis');
  const client = new Redis(port, '127.0.0.1');
  await client.config('SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru');
  await client.quit();
  const minded = await doctor(text, []);
  assert.ok(minded.of('redis').some(({ level, found }) => level === 'warning' && found.includes('allkeys-lru')));
});

test('RabbitMQ and Kafka of doors are asked who they are; a wrong password fails and is not told', async (t) => {
  const [rabbitmq, kafka] = await Promise.all([sharedService(t, 'rabbitmq'), sharedService(t, 'kafka')]);
  const wrong = new URL(rabbitmq.url);
  wrong.password = 'not-this-one';
  const doors = [
    { name: 'a', type: 'rabbitmq', queue: 'q', url: rabbitmq.url },
    { name: 'b', type: 'rabbitmq', queue: 'r', url: wrong.href },
    { name: 'c', type: 'kafka', topic: 't', brokers: kafka.url.split(',') },
  ];
  const { exit, out, of } = await doctor(JSON.stringify({ port: 0, host: '127.0.0.1', doors }), []);
  const [well, refused] = of('rabbitmq');
  assert.equal(exit, 1, out);
  assert.match(well?.found ?? '', /: RabbitMQ \d+\.\d+\.\d+, connected in \d+ ms$/);
  assert.match(`${refused?.level} ${refused?.found}`, /^failed .*ACCESS.REFUSED/i);
  assert.ok(!out.includes('not-this-one'));
  assert.match(of('kafka')[0]?.found ?? '', /: [1-9]\d* brokers?, answered in \d+ ms$/);
});

test('a Redis that is not there fails, with exit 1', async () => {
  const { exit, of } = await doctor(
    'port: 0\nhost: 127.0.0.1\nredis: {port: 1}\ndoors: [{type: stream, stream: s}]\n',
    [],
  );
  assert.deepEqual([exit, of('redis')[0]?.level], [1, 'failed']);
});
