import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { YunqueError } from '../../../../src/api/errors.ts';
import { startDoors } from './harness.ts';

const push = '{"data":1}';
const proto = '{"receiver":"ann","action":"a"}';
const pushes: readonly (readonly [path: string, body: string])[] = [
  ['/api/send_to_client', '{"clientId":"c","data":1}'],
  ['/api/send_to_clients', '{"clientIds":["c"],"data":1}'],
  ['/api/send_to_group', '{"groupName":"g","data":1}'],
  ['/api/send_to_system', push],
  ['/send', proto],
  ['/send/all', proto],
  ['/send/toUids', `{"message":${proto},"uids":["ann"]}`],
  ['/send/sendList', `[${proto}]`],
  ['/api/message/send?sender=s&receiver=r&action=a', ''],
  ['/api/message/send', 'sender=s&receiver=r&action=a'],
  ['/admin/v1/send', '{"system":"sys","target":{"to":"system"},"push":{"data":1}}'],
];

describe('Idempotency-Key', () => {
  it('gives every push of every family the same answer again, byte for byte, and pushes once', async (t) => {
    let count = 0;
    const receipt = () => ({
      ...{ messageId: `m${++count}`, matched: count, delivered: count, queued: 0, stored: 0, dropped: {} },
      ...{ missingNodes: [], offline: [], unknown: [], total: 1 },
    });
    const doors = await startDoors(t, { push: receipt, pushList: receipt });
    for (const [path, body] of pushes) {
      const headers = { SystemId: 'sys', 'Idempotency-Key': `key of ${path}` };
      const before = doors.commands.length;
      const first = await doors.post(path, body, headers);
      const again = await doors.post(path, body, headers);
      assert.equal(first.status, 200, path);
      assert.deepEqual([again.status, again.text], [200, first.text], path);
      assert.equal(again.headers['content-type'], first.headers['content-type']);
      assert.equal(first.headers['idempotency-replayed'], undefined);
      assert.equal(again.headers['idempotency-replayed'], 'true', path);
      assert.equal(doors.commands.length, before + 1, path);
    }
  });

  it('answers 409 to another request with the same key, in the words of each family', async (t) => {
    const doors = await startDoors(t);
    const headers = { SystemId: 'sys', 'Idempotency-Key': 'k' };
    await doors.post('/send/all', proto, headers);
    for (const [path, body] of [...pushes, ['/send/all', '{"action":"b"}'] as const]) {
      if (body === proto && path === '/send/all') continue;
      const { status, text } = await doors.post(path, body, headers);
      assert.equal(status, 409, path);
      assert.match(text, /another request has come with this idempotency key/, path);
    }
    const classed = await doors.post('/send/all', proto, { ...headers, 'X-Yunque-Class': 'prices' });
    assert.equal(classed.status, 409);
    assert.equal(doors.commands.length, 1);
  });

  it('keeps the keys of each system apart', async (t) => {
    const doors = await startDoors(t);
    for (const system of ['sys', 'default']) {
      const { headers } = await doors.post('/send/all', proto, { SystemId: system, 'Idempotency-Key': 'k' });
      assert.equal(headers['idempotency-replayed'], undefined);
    }
    assert.equal(doors.commands.length, 2);
  });

  it('lets a retry wait for the first, which is under way', async (t) => {
    const gate = Promise.withResolvers<void>();
    const doors = await startDoors(t, {
      push: async ({ message: { messageId } }) => {
        await gate.promise;
        return { messageId, matched: 1, delivered: 1, queued: 0, stored: 0, dropped: {}, missingNodes: [] };
      },
    });
    const headers = { SystemId: 'sys', 'Idempotency-Key': 'k' };
    const all = Array.from({ length: 20 }, () => doors.post('/api/send_to_system', push, headers));
    const other = await doors.post('/api/send_to_system', '{"data":2}', headers);
    assert.equal(other.status, 409);
    gate.resolve();
    const answers = await Promise.all(all);
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.equal(answers.filter(({ headers: told }) => told['idempotency-replayed'] === 'true').length, 19);
    assert.equal(doors.commands.length, 1);
  });

  it('remembers no refusal and no 503: the retry is done', async (t) => {
    const codes = ['unavailable', 'bad_request', 'internal'] as const;
    let tries = 0;
    const doors = await startDoors(t, {
      push: () => {
        const code = codes[tries++];
        if (code !== undefined) throw new YunqueError(code);
        return undefined;
      },
    });
    const headers = { SystemId: 'sys', 'Idempotency-Key': 'k' };
    const statuses: number[] = [];
    for (let index = 0; index < 5; index++) statuses.push((await doors.post('/send/all', proto, headers)).status);
    assert.deepEqual(statuses, [503, 400, 500, 200, 200]);
    assert.equal(tries, 4);
  });

  it('refuses a key that is none, and looks at none where nothing is pushed', async (t) => {
    const doors = await startDoors(t);
    for (const key of ['', 'x'.repeat(256), 'é'.repeat(128), '\u0085', 'a\tb']) {
      const sent = Buffer.from(key).toString('latin1');
      const { status, text } = await doors.post('/send/all', proto, { SystemId: 'sys', 'Idempotency-Key': sent });
      assert.deepEqual([status, /idempotency key/.test(text)], [400, true], JSON.stringify(key));
    }
    assert.deepEqual(doors.commands, []);
    const headers = { SystemId: 'sys', 'Idempotency-Key': 'x'.repeat(300) };
    for (let index = 0; index < 2; index++) {
      assert.equal((await doors.post('/room/join', '{"room":"r","uids":["ann"]}', headers)).status, 200);
    }
    assert.equal(doors.commands.length, 2);
  });
});
