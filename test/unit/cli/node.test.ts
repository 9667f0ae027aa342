import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refuse, startFakeAdmin } from '../client/fake-admin.ts';
import { cli } from './run-cli.ts';

const answer = { path: '/data/heap-1.heapsnapshot', bytes: 5000, ms: 70 };

describe('node heap-snapshot', { timeout: 20_000 }, () => {
  it('asks, then says where the file is, and that it holds secrets', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /heap-snapshot': answer });
    const unasked = await cli(['node', 'heap-snapshot', '-s', admin.url]);
    assert.equal(unasked.exit, 2);
    assert.match(unasked.err, /stands still.*\n.*--yes/);
    assert.deepEqual(admin.asked, []);

    const { exit, out, err } = await cli(['node', 'heap-snapshot', '--yes', '-s', admin.url, '--json']);
    assert.equal(exit, 0, err);
    assert.deepEqual(JSON.parse(out), { schema: 'yunque.heap-snapshot/1', ...answer });
    assert.match(err, /keys and messages/);
  });

  it('waits longer than for other answers, unless --timeout says how long', async (t) => {
    const admin = await startFakeAdmin(t, {
      'POST /heap-snapshot': (_: unknown, response: { destroyed: boolean }) =>
        new Promise((resolve) => setTimeout(() => resolve(response.destroyed ? undefined : answer), 700)),
    });
    assert.equal((await cli(['node', 'heap-snapshot', '--yes', '-s', admin.url])).exit, 0);
    assert.equal((await cli(['node', 'heap-snapshot', '--yes', '--timeout', '100ms', '-s', admin.url])).exit, 6);
  });

  it('says what is missing where there is no room, and exits with 1', async (t) => {
    const admin = await startFakeAdmin(t, {
      'POST /heap-snapshot': (_: unknown, response: never) =>
        refuse(response, 503, { code: 'unavailable', message: 'no room', hint: 'make room there' }),
    });
    const { exit, err } = await cli(['node', 'heap-snapshot', '--yes', '-s', admin.url]);
    assert.equal(exit, 1);
    assert.match(err, /no room[\s\S]*make room there/);
    assert.equal((await cli(['node', 'heap-snapshot', '--yes', '-S', 'shop', '-s', admin.url])).exit, 2);
  });
});
