import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import test from 'node:test';
import { trustedPeer } from '../../../support/fake-access.ts';
import { startDoors } from './harness.ts';

const families = ['/api/send_to_system', '/send/all', '/admin/v1/send'] as const;
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** Writes raw bytes until the server has answered and closed. */
function talk(port: number, head: string, chunk: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    let isOver = false;
    const write = () => {
      while (!isOver && socket.write(chunk));
    };
    socket.on('data', (data) => {
      answer += data;
      isOver = true;
    });
    socket.on('drain', write);
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
    socket.on('close', () => resolve(answer));
    socket.write(head);
    write();
  });
}

test('a body declared larger than the limit is refused before it is read', async (t) => {
  const doors = await startDoors(t);
  for (const path of families) {
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nSystemId: sys\r\nContent-Length: 1000000000\r\n\r\n`;
    assert.match(await talk(doors.port, head, Buffer.alloc(1024)), /^HTTP\/1\.1 413 [\s\S]*1048576 bytes/);
  }
  assert.deepEqual(doors.commands, []);
});

test('who waits to be asked for the body is asked where it will be read, and else answered at once', async (t) => {
  const judge = (privilege: string) =>
    privilege === 'operate'
      ? ({ allowed: false, code: 'forbidden', message: 'no', hint: 'none' } as const)
      : trustedPeer;
  const doors = await startDoors(t, {}, { judge });
  const expecting = (path: string, length: number) =>
    new Promise<readonly [boolean, number]>((resolve, reject) => {
      const headers = { expect: '100-continue', 'content-length': length, systemid: 'sys' };
      const asked = request({ port: doors.port, host: '127.0.0.1', method: 'POST', path, headers, agent: false });
      let isAsked = false;
      asked.once('continue', () => {
        isAsked = true;
        asked.end(' '.repeat(length));
      });
      asked.once('response', ({ statusCode = 0 }) => {
        resolve([isAsked, statusCode]);
        asked.destroy();
      });
      asked.once('error', reject);
    });
  assert.deepEqual(await expecting('/send/all', 2), [true, 400]);
  assert.deepEqual(await expecting('/send/all', 100_000), [true, 400]);
  assert.deepEqual(await expecting('/send/all', 2_000_000), [false, 413]);
  assert.deepEqual(await expecting('/admin/v1/send', 100_000), [false, 403]);
});

test('an endless body is refused at the limit while it streams in', async (t) => {
  const doors = await startDoors(t);
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 0x20), Buffer.from('\r\n')]);
  for (const path of families) {
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nSystemId: sys\r\nTransfer-Encoding: chunked\r\n\r\n`;
    assert.match(await talk(doors.port, head, chunk), /^HTTP\/1\.1 413 /);
  }
});

test('a refused peer’s connection is closed with the rest of its body unread', async (t) => {
  const judge = () => ({ allowed: false, code: 'forbidden', message: 'no', hint: 'none' }) as const;
  const doors = await startDoors(t, {}, { judge });
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 0x20), Buffer.from('\r\n')]);
  const head = 'POST /send HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n';
  assert.match(await talk(doors.port, head, chunk), /^HTTP\/1\.1 403 [\s\S]*\r\nconnection: close\r\n/i);
});

test('compressed bytes and broken UTF-8 are not a body', async (t) => {
  const doors = await startDoors(t);
  for (const path of families) {
    for (const body of [
      Buffer.from([0x1f, 0x8b, 0x08, 0, 0]),
      Buffer.concat([Buffer.from('{"msg":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    ]) {
      assert.equal((await doors.ask(path, { method: 'POST', body, headers: { SystemId: 'sys' } })).status, 400);
    }
  }
});

test('JSON nested beyond the limit is 400, and at once', async (t) => {
  const doors = await startDoors(t);
  const ask = (path: string, data: string) =>
    doors.post(
      path,
      path.startsWith('/admin') ? `{"target":{"to":"system"},"push":{"data":${data}}}` : `{"data":${data}}`,
    );
  for (const path of families) {
    for (const depth of [40, 100_000]) assert.equal((await ask(path, nested(depth))).status, 400, path);
    assert.equal((await ask(path, nested(30))).status, 200, path);
  }
});

test('the depth is the configured one, smaller or larger than the usual', async (t) => {
  for (const jsonDepth of [4, 100]) {
    const limits = { bodyBytes: 1024 * 1024, bodiesBytes: 2 ** 27, batch: 1000, jsonDepth, idBytes: 255 };
    const doors = await startDoors(t, {}, { limits });
    const bodies = (depth: number): [path: string, body: string][] => [
      ['/api/send_to_system', `{"data":${nested(depth - 1)}}`],
      ['/send/all', `{"content":{"a":${nested(depth - 2)}}}`],
      ['/send/sendList', `[{"receiver":"a","extra":{"a":${nested(depth - 3)}}}]`],
      ['/send/toUids', `{"uids":[],"message":{"content":{"a":${nested(depth - 3)}}}}`],
      ['/admin/v1/send', `{"target":{"to":"system"},"push":{"data":${nested(depth - 2)}}}`],
      ['/admin/v1/send', `{"target":{"to":"system"},"message":{"content":{"a":${nested(depth - 3)}}}}`],
    ];
    for (const [path, body] of bodies(jsonDepth)) assert.equal((await doors.post(path, body)).status, 200, body);
    for (const [path, body] of bodies(jsonDepth + 1)) assert.equal((await doors.post(path, body)).status, 400, body);
  }
});

test('a number beyond a double and half a surrogate pair are 400', async (t) => {
  const doors = await startDoors(t);
  for (const bad of ['1e400', '-1E+999', `1${'0'.repeat(400)}`, '"\\ud800"', '{"\\uDFFF":1}', '["\\ud800\\u0041"]']) {
    assert.equal((await doors.post('/api/send_to_system', `{"data":${bad}}`)).status, 400, bad);
    assert.equal((await doors.post('/send/all', `{"content":{"a":${bad}}}`)).status, 400, bad);
    assert.equal((await doors.post('/send/sendList', `[{"receiver":"a","content":{"a":${bad}}}]`)).status, 400, bad);
    assert.equal(
      (await doors.post('/admin/v1/send', `{"target":{"to":"system"},"push":{"data":${bad}}}`)).status,
      400,
      bad,
    );
  }
  for (const good of ['1e300', '"\\ud83d\\ude00"', '"\\\\ud800"', '"e400"']) {
    assert.equal((await doors.post('/api/send_to_system', `{"data":${good}}`)).status, 200, good);
  }
});

test('lists longer than a batch are refused with the limit', async (t) => {
  const limits = { bodyBytes: 1024 * 1024, bodiesBytes: 2 ** 27, batch: 3, jsonDepth: 32, idBytes: 8 };
  const doors = await startDoors(t, {}, { limits });
  const four = '["a","b","c","d"]';
  const answers = [
    await doors.post('/api/send_to_clients', `{"clientIds":${four}}`),
    await doors.post('/send/toUids', `{"message":{},"uids":${four}}`),
    await doors.post('/send/sendList', '[{},{},{},{}]'),
    await doors.post('/room/join', `{"room":"r","uids":${four}}`),
    await doors.post('/admin/v1/users/online', `{"uids":${four}}`),
  ];
  for (const { text } of answers) assert.match(text, /3/);
  assert.deepEqual(doors.commands, []);
});

test('ids are measured in bytes', async (t) => {
  const limits = { bodyBytes: 1024 * 1024, bodiesBytes: 2 ** 27, batch: 3, jsonDepth: 32, idBytes: 8 };
  const doors = await startDoors(t, {}, { limits });
  const long = '云云云';
  const answers = [
    await doors.post('/api/send_to_client', `{"clientId":"${long}"}`),
    await doors.post('/api/send_to_clients', `{"clientIds":["${long}"]}`),
    await doors.post('/api/bind_to_group', `{"clientId":"a","groupName":"${long}"}`),
    await doors.post('/send', `{"receiver":"${long}"}`),
    await doors.post('/send/sendList', `[{"receiver":"${long}"}]`),
    await doors.post('/room/leave', `{"room":"${long}","uids":["a"]}`),
    await doors.post('/api/message/send', `sender=0&action=2&receiver=${long}`),
    await doors.post('/admin/v1/users/online', `{"uids":["${long}"]}`),
    await doors.post('/admin/v1/systems', `{"system":"${long}"}`),
  ];
  for (const { text } of answers) assert.match(text, /8( bytes|个字节)/);
  assert.deepEqual(doors.commands, []);
  assert.match((await doors.post('/api/send_to_group', '{"groupName":"云云"}')).text, /success/);
});

test('__proto__ and constructor are names like any other', async (t) => {
  const doors = await startDoors(t);
  const evil = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}';
  await doors.post('/api/send_to_group', `{"groupName":"__proto__",${evil}}`);
  await doors.post('/send', `{"receiver":"__proto__","content":{${evil}},${evil}}`);
  await doors.post(
    '/admin/v1/send',
    `{"target":{"to":"users","uids":["constructor"]},"message":{"content":{${evil}}}}`,
  );
  await doors.ask('/admin/v1/users?__proto__=1&constructor=2');
  await doors.ask('/getOnlineUser?__proto__[polluted]=1');
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  const [group, user] = doors.commands;
  assert.deepEqual(group?.type === 'push' && group.target, { to: 'groups', groups: ['__proto__'] });
  assert.ok(user?.type === 'push' && user.message.kind === 'proto');
  assert.deepEqual(user.target, { to: 'users', uids: ['__proto__'] });
  assert.equal(user.message.content.get('__proto__'), '{"polluted":1}');
  const unknown = await doors.post('/admin/v1/send', `{"target":{"to":"system"},"push":{},"__proto__":{}}`);
  assert.equal(unknown.status, 400);
});
