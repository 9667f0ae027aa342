import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AdminClient, createAdminClient } from '../../../src/client/admin-client.ts';
import { startFakeAdmin } from './fake-admin.ts';

/** Every method of the client that asks a node something, and what it would send. */
const methods: Readonly<Record<keyof AdminClient, ((client: AdminClient) => Promise<unknown>) | 'asks nothing'>> = {
  where: 'asks nothing',
  close: 'asks nothing',
  [Symbol.dispose]: 'asks nothing',
  version: (client) => client.version(),
  stats: (client) => client.stats(),
  snapshot: (client) => client.snapshot({ list: 'users' }),
  node: (client) => client.node('n'),
  pingNode: (client) => client.pingNode('n/1'),
  drainNode: (client) => client.drainNode('n'),
  resumeNode: (client) => client.resumeNode('n'),
  history: (client) => client.history('u'),
  openapi: (client) => client.openapi(),
  events: (client) => client.events().next(),
  tail: (client) => client.tail().next(),
  send: (client) => client.send({ target: { to: 'system' }, push: {} }, '1'),
  previewSend: (client) => client.previewSend({ target: { to: 'system' } }),
  connections: (client) => client.connections(),
  users: (client) => client.users(),
  groups: (client) => client.groups(),
  systems: (client) => client.systems(),
  members: (client) => client.members('g'),
  connection: (client) => client.connection('c'),
  user: (client) => client.user('online'),
  group: (client) => client.group('g'),
  system: (client) => client.system('s'),
  kickConnection: (client) => client.kickConnection('c'),
  kickUser: (client) => client.kickUser('online'),
  online: (client) => client.online(['u']),
  join: (client) => client.join('send/preview', { ids: ['c'] }),
  leave: (client) => client.leave('users/online', { ids: ['c'] }),
  removeGroup: (client) => client.removeGroup('g'),
  addSystem: (client) => client.addSystem('s'),
  removeSystem: (client) => client.removeSystem('s'),
  keys: (client) => client.keys(),
  rotateKey: (client) => client.rotateKey({ owner: 'operator', role: 'read' }),
  removeKey: (client) => client.removeKey('k'),
  bans: (client) => client.bans(),
  ban: (client) => client.ban('online', { forMs: 1 }),
  unban: (client) => client.unban('u'),
  stop: (client) => client.stop(),
  heapSnapshot: (client) => client.heapSnapshot({ timeoutMs: 1000 }),
  reload: (client) => client.reload(),
};

/** The only ones that change nothing with another method than GET. */
const questions = ['POST /nodes/n%2F1/ping', 'POST /send/preview', 'POST /users/online'];

describe('a client that only reads', () => {
  it('sends no request that could change anything, whichever of its methods is called', async (t) => {
    const admin = await startFakeAdmin(t);
    using client = createAdminClient({ url: admin.url, readOnly: true });
    const refused: string[] = [];
    for (const [name, ask] of Object.entries(methods)) {
      if (ask === 'asks nothing') continue;
      const before = admin.asked.length;
      const error = await ask(client).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      assert.ok(error !== undefined, name);
      if (admin.asked.length > before) continue;
      assert.match(error.message, /^(POST|DELETE) \/admin\/v1\/\S+ may change something, and was not sent/, name);
      refused.push(name);
    }
    const sent = admin.asked.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(sent.sort(), questions);
    assert.deepEqual(refused, [
      'drainNode',
      'resumeNode',
      'send',
      'kickConnection',
      'kickUser',
      'join',
      'leave',
      'removeGroup',
      'addSystem',
      'removeSystem',
      'rotateKey',
      'removeKey',
      'ban',
      'unban',
      'stop',
      'heapSnapshot',
      'reload',
    ]);
  });

  it('is not what a client is by itself', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /reload': { changes: [], warnings: [] } });
    using client = createAdminClient({ url: admin.url });
    await client.reload();
    assert.equal(admin.asked.length, 1);
  });
});
