import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createYunque } from './cli-binary.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
const limit = 300 * 2 ** 20;

describe('--max-heap', { timeout: 120_000 }, () => {
  for (const [what, program] of [
    ['the binary', undefined],
    ['from source', [process.execPath, main] as const],
  ] as const) {
    it(`limits the heap of the process that was started (${what}), which stays the same process`, async (t) => {
      const { run, serve } = await createYunque(t);
      const node = await serve(['--max-heap', '300MiB'], program === undefined ? {} : { program });
      const [stats] = JSON.parse((await run(['stats', '--json'])).out).nodes;
      assert.equal(stats.memory.heapLimit, limit);
      assert.equal(stats.pid, node.process.pid);
      assert.match((await run(['stats'])).out, /of at most 300 MiB/);
      node.process.kill('SIGTERM');
      assert.deepEqual([(await node.done).code, (await node.done).err], [0, '']);
    });
  }

  it('is a setting, limits a node in the background too, and a wrong one is told', async (t) => {
    const { home, run } = await createYunque(t);
    const place = ['--host', '127.0.0.1', '--data-dir', join(home, 'data')];
    const detached = await run(['serve', '0', '--detach', ...place], { env: { YUNQUE_MAX_HEAP: '300MiB' } });
    assert.equal(detached.code, 0, detached.err);
    const [stats] = JSON.parse((await run(['stats', '--json'])).out).nodes;
    assert.equal(stats.memory.heapLimit, limit);
    assert.equal((await run(['stop'])).code, 0);
    const wrong = await run(['serve', '0', '--max-heap', '1MiB']);
    assert.equal(wrong.code, 78);
    assert.match(wrong.err, /--max-heap: expected .*64MiB/);
  });
});
