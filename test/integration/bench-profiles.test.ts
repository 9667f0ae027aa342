import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startServe } from '../bench/harness/serve-process.ts';
import { measureUnicast } from '../bench/http.ts';
import { connecting } from '../bench/peers/crowd-measures.ts';

type Names = readonly { readonly callFrame: { readonly url: string } }[];
const isOurs = (nodes: Names) => nodes.some(({ callFrame }) => callFrame.url.includes('/src/'));

describe('profiles of npm run bench', () => {
  test('a server that is posted to, or connected to, tells what it did in a further round', async () => {
    const seen: boolean[] = [];
    await measureUnicast(300, async (server, work) => {
      seen.push(isOurs((await server.profile(work)).nodes));
    });
    await connecting(50, 1, async (server, work) => {
      seen.push(isOurs((await server.profile(work)).nodes));
    });
    assert.deepEqual(seen, [true, true]);
  });

  test('yunque serve tells what one of its workers did', {
    skip: process.platform !== 'linux' && 'workers need Linux',
  }, async () => {
    await using server = await startServe('2 workers', { flags: ['--workers', '2'] });
    const { nodes } = await server.profile(async () => {
      // A connection of its own each: the kernel chooses a worker for it.
      const headers = { Connection: 'close' };
      for (let at = 0; at < 400; at++)
        await (await fetch(`http://127.0.0.1:${server.port}/health`, { headers })).text();
    });
    assert.ok(isOurs(nodes));
  });
});
