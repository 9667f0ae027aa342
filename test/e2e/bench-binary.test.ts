import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createYunque } from './cli-binary.ts';

test('the binary has its receiving threads in it, and verifies what another of it delivers', async (t) => {
  const yunque = await createYunque(t);
  const { port } = await yunque.serve();
  const common = ['-s', String(port), '--clients', '50', '--duration', '500ms', '--threads', '2', '--json'];
  for (const dialect of ['json', 'yunque']) {
    const { code, out, err } = await yunque.run(['bench', 'fanout', '--dialect', dialect, ...common]);
    assert.equal(code, 0, err);
    const result = JSON.parse(out);
    assert.equal(result.received, result.sent * 50);
    assert.equal(result.lost, 0);
    assert.equal(result.receiverLoad.length, 2);
  }
});

for (const [signal, exit] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} ends a run of the binary with its figures, and its system is gone`, async (t) => {
    const yunque = await createYunque(t);
    const { port } = await yunque.serve();
    const where = ['-s', String(port)];
    const running = yunque.start([
      'bench',
      'fanout',
      ...where,
      '--clients',
      '10',
      '--duration',
      '1h',
      '--warmup',
      '0s',
      '--json',
    ]);
    for (;;) {
      const stats = JSON.parse((await yunque.run(['stats', ...where, '--json'])).out);
      if (stats.nodes[0].connections === 10 && stats.nodes[0].deliveriesTotal > 0) break;
    }
    const { items: keys } = JSON.parse((await yunque.run(['key', 'ls', ...where, '--json'])).out);
    const [{ expiresAt, createdAt }] = keys.filter(({ system }: { system?: string }) => system?.startsWith('bench-'));
    assert.ok(expiresAt > createdAt && expiresAt - createdAt < 2 * 3_600_000, `${createdAt} ${expiresAt}`);
    running.process.kill(signal);
    const { code, out, err } = await running.done;
    assert.equal(code, exit, err);
    assert.equal(JSON.parse(out).isInterrupted, true);
    const { items } = JSON.parse((await yunque.run(['system', 'ls', ...where, '--json'])).out);
    assert.deepEqual(
      items.map(({ system }: { system: string }) => system),
      ['default'],
    );
  });
}
