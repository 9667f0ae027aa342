import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { type ConfirmChannel, connect } from 'amqplib';
import { createAuthority } from '../../support/certificates.ts';
import { startRabbitmq } from '../../support/services/rabbitmq.ts';

it('RabbitMQ keeps its port and what was confirmed through kill -9, unless it starts without its data', async (t) => {
  const broker = await startRabbitmq(t);
  const use = async (task: (channel: ConfirmChannel) => Promise<void>): Promise<void> => {
    const connection = await connect(broker.url);
    try {
      await task(await connection.createConfirmChannel());
    } finally {
      await connection.close();
    }
  };
  await use(async (channel) => {
    await channel.assertQueue('kept', { durable: true });
    channel.sendToQueue('kept', Buffer.from('hello'), { persistent: true });
    await channel.waitForConfirms();
  });
  await broker.stop();
  await assert.rejects(connect(broker.url), { code: 'ECONNREFUSED' });
  await broker.start();
  await use(async (channel) => {
    const message = await channel.get('kept');
    assert.equal(message === false ? undefined : message.content.toString(), 'hello');
  });
  await broker.start({ keepData: false });
  await use(async (channel) => assert.equal((await channel.assertQueue('kept')).messageCount, 0));
});

it('two brokers run side by side, one of them over TLS, and leave nothing behind', async (t) => {
  const authority = await createAuthority();
  const folder = await mkdtemp(join(tmpdir(), 'yunque-'));
  t.after(() => rm(folder, { recursive: true }));
  t.after(() => authority[Symbol.asyncDispose]());
  process.env['TMPDIR'] = folder;
  const tls = { ...(await authority.issue('server')), ca: authority.file };
  const ends: (() => Promise<void>)[] = [];
  const scope = { after: (end: () => Promise<void>) => void ends.push(end) };
  const [plain, encrypted] = await Promise.all([startRabbitmq(scope), startRabbitmq(scope, { tls })]);
  assert.notEqual(plain.port, encrypted.port);
  await (await connect(plain.url)).close();
  await (await connect(encrypted.url, { ca: [await readFile(authority.file)] })).close();
  assert.equal((await readdir(folder)).length, 2);
  for (const end of ends) await end();
  assert.deepEqual(await readdir(folder), []);
  await assert.rejects(connect(plain.url), { code: 'ECONNREFUSED' });
});
