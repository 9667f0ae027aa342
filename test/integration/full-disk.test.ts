import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../src/client/client-error.ts';
import { startChildNode } from '../support/child-node.ts';
import { refusal } from '../support/refusal.ts';

test('where the data directory takes nothing more, what has to be kept there is refused, changes nothing, and the rest goes on', async (t) => {
  const node = await startChildNode(t, { fileKib: 150 });
  const { admin } = node;
  await admin.addSystem('shop');
  const client = await node.upgrade('/ws?systemId=shop');
  assert.equal(client.status, 101);
  let added = 0;
  let failure: unknown;
  while (failure === undefined) {
    assert.ok(added < 2000, 'the disk is never full');
    await admin.addSystem(`system-${added}-${'x'.repeat(200)}`).then(
      () => (added += 1),
      (error: unknown) => (failure = error),
    );
  }
  assert.ok(isRefusal(failure, 'unavailable'), String(failure));
  assert.match((failure as Error).message, /the data directory cannot be written: /);
  assert.match((failure as { hint?: string }).hint ?? '', /disk of the data directory/);
  await assert.rejects(admin.rotateKey({ owner: 'system', system: 'shop', role: 'push' }), refusal('unavailable'));
  await assert.rejects(admin.ban('alice', { system: 'shop', forMs: 60_000 }), refusal('unavailable'));
  const registered = await fetch(`http://127.0.0.1:${node.port}/api/register`, {
    method: 'POST',
    body: JSON.stringify({ systemId: `late-${'x'.repeat(200)}` }),
  });
  assert.match(JSON.stringify(await registered.json()), /"code":-1,"msg":"the data directory cannot be written/);

  const lists = await Promise.all([admin.systems({ limit: 1 }), admin.keys({}), admin.bans({})]);
  assert.deepEqual(
    lists.map(({ total }) => total),
    [added + 2, 0, 0],
  );
  const receipt = await admin.send({ system: 'shop', target: { to: 'system' }, push: { msg: 'still here' } });
  assert.deepEqual([receipt.matched, receipt.delivered], [1, 1]);
  assert.match(node.said(), /"level":50[^\n]+POST \/api\/register[^\n]+"msg":"the data directory cannot be written/);
});
