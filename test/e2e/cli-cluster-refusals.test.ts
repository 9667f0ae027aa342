import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { createYunque } from './cli-binary.ts';

const ready = (bus: string) => resolve(import.meta.dirname, `../../configs/cluster-${bus}.yaml`);

describe('serve refuses a cluster', { timeout: 120_000 }, () => {
  it('with the secrets of a ready file where others reach the node: all that is wrong at once, and the commands that mend it', async (t) => {
    const { home, run } = await createYunque(t);
    for (const bus of ['redis', 'rabbitmq', 'kafka']) {
      const args = ['serve', '7001', '--config', ready(bus), '--host', '0.0.0.0', '--data-dir', join(home, 'data')];
      const { code, err } = await run(args);
      assert.equal(code, 78, err);
      const places = err.match(/cluster-\w+\.yaml:\d+:\d+: (cluster\.enabled|cluster\.secret|crypto\.key):/g);
      assert.equal(places?.length, 3, err);
      for (const word of [
        'openssl rand -hex 32',
        'YUNQUE_CLUSTER_SECRET',
        'openssl rand -hex 16',
        'YUNQUE_CRYPTO_KEY',
      ]) {
        assert.ok(err.includes(word), word);
      }
      assert.doesNotMatch(err, /yunque-example|\n\s+at /);
    }
  });

  it('where the advertised address is not this machine’s alone', async (t) => {
    const { home, run } = await createYunque(t);
    const env = { YUNQUE_CLUSTER_ADVERTISE: '10.1.0.5', YUNQUE_CLUSTER_INSECURE: 'true' };
    const args = ['serve', '7001', '--config', ready('redis'), '--data-dir', join(home, 'data')];
    const { code, err } = await run(args, { env });
    assert.equal(code, 78, err);
    assert.match(err, /cluster\.secret: this secret is published[\s\S]*crypto\.key: this key is published/);
  });

  it('without a crypto.key, by flag, by variable and in go-websocket’s file', async (t) => {
    const { home, run } = await createYunque(t);
    const ini = join(home, 'config.ini');
    await writeFile(
      ini,
      '[common]\ncluster = true\ncrypto_key =\n[redis]\nhost = 127.0.0.1\nport = 6379\npassword =\n',
    );
    const local = ['serve', '7001', '--host', '127.0.0.1', '--data-dir', join(home, 'data')];
    for (const [args, env] of [
      [['--cluster'], {}],
      [[], { YUNQUE_CLUSTER: 'true' }],
      [['--config', ini], {}],
    ] as const) {
      const { code, err } = await run([...local, ...args], { env });
      assert.equal(code, 78, err);
      assert.match(err, /crypto\.key[\s\S]*openssl rand -hex 16/);
    }
  });

  it('of workers', async (t) => {
    const { home, run } = await createYunque(t);
    const args = ['serve', '7001', '--config', ready('redis'), '--workers', '2', '--data-dir', join(home, 'data')];
    const { code, err } = await run(args);
    assert.equal(code, 78, err);
    assert.match(err, /--workers: workers are a cluster of their own/);
  });
});
