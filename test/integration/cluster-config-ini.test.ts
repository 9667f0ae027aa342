import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startRedis } from '../support/services/redis.ts';
import { sharedService } from '../support/services/shared.ts';
import { openMachine, serveAll, walk } from '../support/walk.ts';

/** go-websocket's file with these lines filled in, and the key that is printed in its own. */
async function writeIni(t: TestContext, lines: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-ini-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  let text = await readFile(join(import.meta.dirname, '../../configs/config.ini'), 'utf8');
  for (const [key, value] of Object.entries({ cluster: 'true', crypto_key: 'Adba723b7fe06819', ...lines })) {
    const line = new RegExp(`^;?${key} =.*$`, 'm');
    assert.match(text, line);
    text = text.replace(line, `${key} = ${value}`);
  }
  const path = join(folder, 'config.ini');
  await writeFile(path, text);
  return path;
}

for (const [bus, what] of [
  ['rpc', 'with Redis alone the nodes carry messages themselves'],
  ['rabbitmq', 'with amqpurl RabbitMQ carries them'],
] as const) {
  test(`go-websocket's config.ini with cluster = true is a cluster: ${what}`, async (t) => {
    const { port } = await startRedis(t);
    const broker =
      bus === 'rabbitmq' ? { amqpurl: (await sharedService(t, 'rabbitmq')).url, exchange: 'go-websocket' } : {};
    const config = await writeIni(t, { port: String(port), ...broker });
    const machine = await openMachine(t, {});
    await walk(machine, await serveAll(machine, 2, config, '--host', '127.0.0.1'), bus);
  });
}
