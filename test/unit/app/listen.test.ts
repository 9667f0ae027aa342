import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, createServer, Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { listen, portOf } from '../../../src/app/listen.ts';
import { closeServer } from '../../../src/app/listeners.ts';
import { StartError } from '../../../src/util/start-error.ts';
import { eventually } from '../../support/eventually.ts';

const options = { port: 0, host: '127.0.0.1', headerBytes: 16 * 1024, handlers: () => undefined, isFull: () => false };

/** What listening says when the system answers with `code`. */
async function failing(t: TestContext, code: string, more: { port?: number; host?: string | undefined } = {}) {
  t.mock.method(Server.prototype, 'listen', function (this: Server) {
    queueMicrotask(() => this.emit('error', Object.assign(new Error(`listen ${code}: the system’s words`), { code })));
    return this;
  });
  const error: unknown = await listen({ ...options, host: undefined, port: 7001, ...more }).then(
    () => assert.fail('it listens'),
    (reason: unknown) => reason,
  );
  t.mock.restoreAll();
  assert.ok(error instanceof StartError);
  return error;
}

describe('a port that cannot be had', () => {
  test('in use: says who to look for and which port to take instead; exit 1', async (t) => {
    const error = await failing(t, 'EADDRINUSE');
    assert.equal(error.message, 'port 7001 is in use by another program');
    assert.match(error.hint ?? '', /ss -ltnp.*:7001.*yunque serve 7002/);
    assert.equal(error.exitCode, 1);
  });

  test('in use: suggests a port that exists and needs no privilege', async (t) => {
    assert.match((await failing(t, 'EADDRINUSE', { port: 666 })).hint ?? '', /yunque serve 7001/);
    assert.match((await failing(t, 'EADDRINUSE', { port: 65_535 })).hint ?? '', /yunque serve 7001/);
  });

  test('in use, for real', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await assert.rejects(listen({ ...options, port }), new RegExp(`127\\.0\\.0\\.1:${port} is in use`));
  });

  test('privileged: gives three ways out', async (t) => {
    const error = await failing(t, 'EACCES', { port: 666 });
    assert.match(error.message, /may not listen on port 666.*privilege/);
    assert.match(error.hint ?? '', /1\..*yunque serve 7001/);
    assert.match(error.hint ?? '', /2\..*setcap cap_net_bind_service/);
    assert.ok(error.hint?.includes(`"${process.execPath}"`), 'the program that runs, not one that is found by name');
    assert.match(error.hint ?? '', /3\..*ip_unprivileged_port_start=666/);
    assert.equal(error.exitCode, 1);
  });

  for (const code of ['EADDRNOTAVAIL', 'ENOTFOUND']) {
    test(`on an address of another machine (${code}): the configuration is at fault; exit 78`, async (t) => {
      const error = await failing(t, code, { host: '192.0.2.1' });
      assert.equal(error.message, '192.0.2.1 is not an address of this machine');
      assert.equal(error.exitCode, 78);
    });
  }

  test('for any other reason: keeps the system’s words and the cause', async (t) => {
    const error = await failing(t, 'EMFILE', { host: '::1' });
    assert.equal(error.message, 'cannot listen on ::1:7001: listen EMFILE: the system’s words');
    assert.equal((error.cause as NodeJS.ErrnoException).code, 'EMFILE');
  });
});

describe('a listener', () => {
  test('gives headers 4 s, as Node looks every second: who drips them is gone within 5', async (t) => {
    const server = await listen(options);
    t.after(() => closeServer(server));
    assert.equal(server.headersTimeout, 4000);
  });

  async function answerOf(t: TestContext, send: string): Promise<string> {
    const server = await listen(options);
    t.after(() => closeServer(server));
    const socket = connect(portOf(server), '127.0.0.1');
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.write(send);
    await once(socket, 'close');
    return text;
  }

  test('whose node is not ready yet answers 503, to requests and to upgrades', async (t) => {
    assert.match(await answerOf(t, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /^HTTP\/1\.1 503 .*Retry-After: 1/s);
    const upgrade = 'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    assert.match(await answerOf(t, upgrade), /^HTTP\/1\.1 503 .*Retry-After: 1/s);
  });

  test('answers what is not HTTP with 400, and headers without end with 431, and closes', async (t) => {
    assert.match(await answerOf(t, 'this is not HTTP\r\n\r\n'), /^HTTP\/1\.1 400 Bad Request\r\nConnection: close/);
    assert.match(
      await answerOf(t, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`),
      /^HTTP\/1\.1 431 /,
    );
  });

  test('takes an upgrade to anything but WebSocket for a request', async (t) => {
    const seen: string[] = [];
    const handlers = () => ({
      request: (_: unknown, response: { end(text: string): void }) => {
        seen.push('request');
        response.end('ok');
      },
      upgrade: () => void seen.push('upgrade'),
    });
    const server = await listen({ ...options, handlers });
    t.after(() => closeServer(server));
    const asked = request({ port: portOf(server), headers: { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c' } });
    asked.end();
    const [response] = await once(asked, 'response');
    response.resume();
    await once(response, 'end');
    assert.deepEqual(seen, ['request']);
  });
});

test('an upgrade below /admin is a request, which the gate there answers', async (t) => {
  const asked: string[] = [];
  const handlers = () => ({
    request: ({ url }: IncomingMessage, response: ServerResponse) => {
      asked.push(`request ${url}`);
      response.writeHead(401).end();
    },
    upgrade: ({ url }: IncomingMessage, socket: Duplex) => {
      asked.push(`upgrade ${url}`);
      socket.destroy();
    },
  });
  const server = await listen({ ...options, handlers });
  t.after(() => closeServer(server));
  const paths = ['/admin/v1/events', '/admin', 'http://x/admin/v1/stats', '/%61dmin/x', '/ws', '/?/admin'];
  for (const path of paths) {
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket' };
    const client = request({ port: portOf(server), host: '127.0.0.1', path, headers, agent: false });
    client.on('error', () => {});
    client.on('response', (response) => response.resume());
    client.end();
    await new Promise((resolve) => client.once('close', resolve));
  }
  const below = paths.slice(0, 4).map((path) => `request ${path}`);
  assert.deepEqual(asked, [...below, 'upgrade /ws', 'upgrade /?/admin']);
});

test('a listener leaves it to the doors to ask for a body', async (t) => {
  const handlers = () => ({
    request: (_: unknown, response: { writeHead(status: number): { end(): void } }) => response.writeHead(413).end(),
    upgrade: () => {},
  });
  const server = await listen({ ...options, handlers });
  t.after(() => closeServer(server));
  const headers = { expect: '100-continue', 'content-length': 10 };
  const asked = request({ port: portOf(server), host: '127.0.0.1', method: 'POST', headers });
  asked.on('error', () => {});
  asked.once('continue', () => assert.fail('it asked for the body'));
  const [response] = (await once(asked, 'response')) as [{ statusCode: number }];
  asked.destroy();
  assert.equal(response.statusCode, 413);
});

test('closing a server twice, or one with idle connections, ends', async () => {
  const server = await listen(options);
  const socket = connect(portOf(server), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  await closeServer(server);
  await closeServer(server);
});

test('a connection that sends more than 64 requests ahead is ended; fewer are answered, in their order', async (t) => {
  let [asked, mostAtOnce, underWay] = [0, 0, 0];
  const handlers = () => ({
    request: (incoming: IncomingMessage, response: ServerResponse) => {
      asked += 1;
      underWay += 1;
      mostAtOnce = Math.max(mostAtOnce, underWay);
      response.once('close', () => {
        underWay -= 1;
      });
      setImmediate(() => response.end(incoming.url));
    },
    upgrade: () => {},
  });
  const server = await listen({ ...options, handlers });
  t.after(() => closeServer(server));
  const requests = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => `GET /${from + n} HTTP/1.1\r\nHost: x\r\n\r\n`).join('');
  const open = () => {
    const socket = connect(portOf(server), '127.0.0.1');
    t.after(() => socket.destroy());
    const client = { socket, text: '', isClosed: false };
    socket.on('error', () => {});
    socket.on('close', () => {
      client.isClosed = true;
    });
    socket.on('data', (data) => {
      client.text += data.toString();
    });
    return client;
  };
  const answered = ({ text }: { text: string }) => [...text.matchAll(/\r\n\r\n\/(\d+)/g)].map(([, n]) => Number(n));
  const good = open();
  for (let round = 1; round <= 10; round += 1) {
    good.socket.write(requests(good.text === '' ? 0 : (round - 1) * 64, 64));
    await eventually('they are answered', () => answered(good).length === round * 64);
  }
  assert.deepEqual(
    answered(good),
    Array.from({ length: 640 }, (_, n) => n),
  );
  assert.equal(good.isClosed, false);
  asked = 0;
  const bad = open();
  bad.socket.write(requests(0, 1000));
  await eventually('it is ended', () => bad.isClosed);
  assert.deepEqual([asked, mostAtOnce], [64, 64]);
  await eventually('nothing is left of it', () => underWay === 0);
});

test('a connection there is no room for is answered 503 before it has said anything', async (t) => {
  const server = await listen({ ...options, isFull: () => true });
  t.after(() => closeServer(server));
  const client = connect(portOf(server), '127.0.0.1');
  client.on('error', () => {});
  let said = '';
  client.setEncoding('latin1').on('data', (text) => {
    said += text;
  });
  await once(client, 'close');
  assert.match(said, /^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: \d+\r\n/);
});

test('an upgrade behind requests that are not answered yet is refused: their answers would be written into its stream', async (t) => {
  let answer = () => {};
  let upgrades = 0;
  const handlers = () => ({
    request: (_incoming: IncomingMessage, response: ServerResponse) => {
      answer = () => void response.end('later');
    },
    upgrade: (_incoming: IncomingMessage, socket: Duplex) => {
      upgrades += 1;
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    },
  });
  const server = await listen({ ...options, handlers });
  t.after(() => closeServer(server));
  const upgrade = 'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  const talk = async (...parts: (readonly [string, RegExp | undefined])[]) => {
    const client = connect(portOf(server), '127.0.0.1');
    let said = '';
    client.setEncoding('latin1').on('data', (text) => {
      said += text;
    });
    for (const [part, expected] of parts) {
      client.write(part);
      if (expected === undefined) continue;
      await eventually('it is answered', () => {
        answer();
        return expected.test(said);
      });
    }
    await once(client, 'close');
    return said;
  };
  const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
  assert.match(await talk([`${get}${upgrade}`, undefined]), /^HTTP\/1\.1 400 /);
  assert.equal(upgrades, 0);
  assert.match(await talk([get, /later/], [upgrade, undefined]), /later[\s\S]*101 Switching/);
  assert.equal(upgrades, 1);
});
