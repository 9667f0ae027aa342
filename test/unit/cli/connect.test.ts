import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Dialect } from '../../../src/api/dialect.ts';
import type { ClientFrame, Reply } from '../../../src/wire/codec.ts';
import { codecs } from '../../../src/wire/codecs/index.ts';
import { startFakeAdmin } from '../client/fake-admin.ts';
import { cli, type Ran, startCli, until } from './run-cli.ts';

/** A WebSocket server that hands out every connection. */
async function startPeer(t: TestContext, onConnection: (socket: WebSocket, request: IncomingMessage) => void) {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', onConnection);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const hello = '{"code":0,"msg":"success","data":{"clientId":"abc"}}';
const push = (data: string) => `{"messageId":"5b4646dd8328f4b1","sendUserId":"","code":0,"msg":"","data":${data}}`;
const bound: Reply = {
  key: 'client_bind',
  code: '200',
  message: 'success',
  timestamp: 0n,
  data: new Map([['cid', '7']]),
};
const proto = (content: string) =>
  ({
    kind: 'proto',
    messageId: '',
    id: 1n,
    action: 'a',
    content: new Map([['content', content]]),
    sender: '',
    receiver: '',
    extra: new Map(),
    title: '',
    sendTime: 0n,
    image: '',
  }) as const;

const lines = (ran: Ran) =>
  ran.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('connect in json', () => {
  it('prints each frame as one JSON line in a pipe, byte for byte', async (t) => {
    const where = await startPeer(t, (socket) => {
      socket.send(hello);
      socket.send(push('{"n":12345678901234567890, "f":1.0}'));
    });
    const ran = await cli(['connect', '-s', where, '--exit-after', '1']);
    assert.equal(ran.exit, 0, ran.err);
    assert.deepEqual(
      lines(ran).map(({ schema, type, dialect }) => [schema, type, dialect]),
      [
        ['yunque.frame/1', 'greeting', 'json'],
        ['yunque.frame/1', 'message', 'json'],
      ],
    );
    assert.match(ran.out, /"frame":\{"messageId".*"data":\{"n":12345678901234567890, "f":1\.0\}\}\}\n$/);
  });

  it('prints for people on a terminal, without what would move the cursor', async (t) => {
    const where = await startPeer(t, (socket) => socket.send(push('"\u009b2Jx"')));
    const { out } = await cli(['connect', where, '--exit-after', '1'], { terminal: 80 });
    assert.match(out, /^\d\d:\d\d:\d\d message {2}\{"messageId":.*"data":"x"\}\n$/);
  });

  it('goes to the path of the dialect with the system and the token, or to the path given', async (t) => {
    const seen: string[] = [];
    const where = await startPeer(t, (socket, request) => {
      seen.push(request.url ?? '');
      socket.close(1000);
    });
    await cli(['connect', where, '-S', 'shop'], { env: { YUNQUE_TOKEN: 't+1' } });
    await cli(['connect', '-s', `http://${where}/base/`]);
    await cli(['connect', `ws://${where}/own/path?a=b`]);
    await cli(['connect', `http://${where}`, '--dialect', 'cim-json', '--uid', 'u']);
    assert.deepEqual(seen, ['/ws?systemId=shop&token=t%2B1', '/base/ws', '/own/path?a=b', '/cim-json']);
  });

  it('sends what is typed, and goes on after the end of input', async (t) => {
    const got: string[] = [];
    const where = await startPeer(t, (socket) => {
      socket.on('message', (data: Buffer) => {
        got.push(data.toString());
        // Long after the input has ended.
        if (got.length === 2) setTimeout(() => socket.send(push('1')), 50);
      });
    });
    const ran = await cli(['connect', where, '--exit-after', '1'], { stdin: 'chat {"to":"bob"}\nnonsense {\nping\n' });
    assert.equal(ran.exit, 0);
    assert.deepEqual(got, ['{"key":"chat","data":{"to":"bob"}}', '{"key":"ping","data":{}}']);
    assert.match(ran.err, /not sent:.*key \{json\}/);
  });
});

for (const dialect of ['yunque', 'cim', 'cim-json'] as const satisfies readonly Dialect[]) {
  describe(`connect in ${dialect}`, () => {
    it('binds as the user, answers PING with PONG, and prints the messages', async (t) => {
      const codec = codecs[dialect];
      const seen: ClientFrame[] = [];
      const where = await startPeer(t, (socket) => {
        socket.on('message', (data: Buffer, isBinary) => {
          const frame = codec.decode(data, isBinary);
          seen.push(frame);
          const send = (payload: Buffer | undefined) => socket.send(payload ?? '', { binary: codec.binary });
          if (frame.type === 'request') {
            send(codec.encodeReply(bound));
            send(codec.ping);
          } else send(codec.encode(proto('hello')));
        });
      });
      const flags = ['--uid', 'alice', '--device', 'd1', '--channel', 'ios', '--dialect', dialect];
      const ran = await cli(['connect', where, ...flags, '--exit-after', '1']);
      assert.equal(ran.exit, 0, ran.err);
      const [bind, pong] = seen;
      assert.ok(bind?.type === 'request' && bind.key === 'client_bind');
      for (const [name, value] of [
        ['uid', 'alice'],
        ['deviceId', 'd1'],
        ['channel', 'ios'],
      ])
        assert.equal(bind.data.get(name!), value);
      assert.equal(pong?.type, 'pong');
      assert.deepEqual(
        lines(ran).map(({ type }) => type),
        ['reply', 'message'],
      );
      assert.match(ran.out, /hello/);
    });
  });
}

describe('connect by default', () => {
  it('is yunque with --uid and needs one for the dialects that bind', async () => {
    const { exit, err } = await cli(['connect', '127.0.0.1:1', '--dialect', 'cim']);
    assert.equal(exit, 2);
    assert.match(err, /--uid/);
    assert.equal((await cli(['connect', '127.0.0.1:1', '--dialect', 'json', '--uid', 'a'])).exit, 2);
  });

  it('asks the node of this machine for its own address, not for that of another of its cluster', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'yunque-connect-'));
    t.after(() => rm(folder, { recursive: true }));
    const where = await startPeer(t, (socket) => socket.close(1000));
    const [other, itself] = [['http://127.0.0.1:1'], [`http://${where}`]];
    const answers = {
      'GET /version': { node: 'n2' },
      'GET /stats': {
        nodes: [
          { node: 'n1', addresses: other },
          { node: 'n2', addresses: itself },
        ],
      },
    };
    const admin = await startFakeAdmin(t, answers, join(folder, '7001.sock'));
    const connect = () => cli(['connect'], { env: { YUNQUE_DATA_DIR: folder } });
    assert.equal((await connect()).exit, 0);
    // Workers have the name of their node, and a number.
    admin.answers['GET /stats'] = { nodes: [{ node: 'n2-1', addresses: itself }] };
    assert.equal((await connect()).exit, 0);
  });

  it('reads the token from a file', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'yunque-connect-'));
    t.after(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'token'), 'abc\n');
    let url = '';
    const where = await startPeer(t, (socket, request) => {
      url = request.url ?? '';
      socket.close(1000);
    });
    await cli(['connect', where, '--token-file', join(folder, 'token')]);
    assert.equal(url, '/ws?token=abc');
  });
});

describe('the end of a connection', () => {
  for (const [code, reason, exit, meaning] of [
    [1000, '', 0, /1000 normal/],
    [4001, '', 1, /4001 going_away: the node is shutting down/],
    [4500, '', 4, /4500 unauthorized/],
    [4503, '', 1, /4503 kicked: closed by the operator/],
    [4507, 'no such system', 1, /4507 unknown_system: no such system/],
    [4777, 'odd\u001b[2J', 1, /4777 unknown: odd$/m],
  ] as const) {
    it(`${code} ${reason} exits with ${exit} and says what it means`, async (t) => {
      const where = await startPeer(t, (socket) => socket.close(code, reason));
      const ran = await cli(['connect', where]);
      assert.equal(ran.exit, exit);
      assert.match(ran.err, meaning);
      assert.deepEqual(
        lines(ran).map(({ type, code: each }) => [type, each]),
        [['closed', code]],
      );
    });
  }

  it('without a close frame exits with 5', async (t) => {
    const where = await startPeer(t, (socket) => socket.terminate());
    assert.equal((await cli(['connect', where])).exit, 5);
  });

  it('before it began exits with 5 where nobody listens, 4 where it is denied, 6 where it stays silent', async (t) => {
    const server = createServer((_, response) =>
      response.writeHead(401).end('{"error":{"code":"unauthorized","message":"no"}}'),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.closeAllConnections());
    t.after(() => server.close());
    const denied = await cli(['connect', `127.0.0.1:${(server.address() as AddressInfo).port}`]);
    assert.deepEqual([denied.exit, denied.err], [4, 'error: no\n']);
    server.on('upgrade', () => {});
    const silent = await cli(['connect', `127.0.0.1:${(server.address() as AddressInfo).port}`, '--timeout', '50ms']);
    assert.equal(silent.exit, 6);
    assert.equal((await cli(['connect', '127.0.0.1:1'])).exit, 5);
  });

  it('comes for bytes that are not of the dialect, with 1', async (t) => {
    const where = await startPeer(t, (socket) => socket.send('no json'));
    const { exit, err } = await cli(['connect', where]);
    assert.equal(exit, 1);
    assert.match(err, /not a frame of the dialect json/);
  });

  it('by Ctrl-C closes with 1000 and exits with 130', async (t) => {
    let code = 0;
    const where = await startPeer(t, (socket) => {
      socket.send(hello);
      socket.on('close', (each) => {
        code = each;
      });
    });
    const running = startCli(['connect', where]);
    await until(() => running.out() !== '');
    running.interrupt();
    assert.equal((await running.done).exit, 130);
    await until(() => code !== 0);
    assert.equal(code, 1000);
  });
});

describe('connect in a script', () => {
  const peer = (t: TestContext, count: number) =>
    startPeer(t, (socket) => {
      socket.send(hello);
      for (let n = 1; n <= count; n++) socket.send(push(String(n)));
    });

  for (const [flags, exit, printed] of [
    [['--exit-after', '2'], 0, 3],
    [['--expect', '"data":2'], 0, 3],
    [['--expect', '"data":9', '--exit-after', '3'], 1, 4],
    [['--expect', 'clientId'], 0, 1],
    [['--exit-after', '80ms'], 0, 5],
    [['--expect', 'never', '--exit-after', '80ms'], 6, 5],
  ] as const) {
    it(`${flags.join(' ')} exits with ${exit} after ${printed} lines`, async (t) => {
      const ran = await cli(['connect', await peer(t, 4), ...flags]);
      assert.equal(ran.exit, exit);
      assert.equal(lines(ran).filter(({ type }) => type !== 'closed').length, printed);
    });
  }

  it('fails where the other side closes before what is expected came', async (t) => {
    const where = await startPeer(t, (socket) => socket.close(1000));
    assert.equal((await cli(['connect', where, '--expect', 'x'])).exit, 1);
  });

  it('refuses an expression that is none', async () => {
    assert.equal((await cli(['connect', '1', '--expect', '('])).exit, 2);
  });
});

describe('connect as csv or plain', () => {
  for (const format of ['csv', 'plain']) {
    it(`${format} is refused with 2`, async () => {
      const { exit, err } = await cli(['connect', '-o', format, '-s', '127.0.0.1:1']);
      assert.equal(exit, 2);
      assert.match(err, /not as csv or plain/);
    });
  }
});

describe('the path of a URL', () => {
  for (const [path, args, expected] of [
    ['/cim', ['--uid', 'kim'], 'cim'],
    ['/push/cim-json/', ['--uid', 'kim'], 'cim-json'],
    ['/yunque?x=1', ['--uid', 'kim'], 'yunque'],
    ['/ws', [], 'json'],
    ['/elsewhere', ['--uid', 'kim'], 'yunque'],
    ['/cim', ['--uid', 'kim', '--dialect', 'yunque'], 'yunque'],
  ] as const) {
    it(`${path} with ${args.join(' ') || 'nothing else'} speaks ${expected}`, async (t) => {
      const where = await startPeer(t, (socket) => socket.close(1000));
      const ran = await cli(['connect', `ws://${where}${path}`, '--json', ...args]);
      assert.equal(lines(ran)[0].dialect, expected, ran.err);
    });
  }

  it('with no dialect at it is said to have none', async (t) => {
    const server = createServer().on('upgrade', (_request, socket) => {
      const body = '{"code":404,"message":"there is nothing at this path"}';
      socket.end(`HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const where = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { exit, err } = await cli(['connect', `ws://${where}/nope`]);
    assert.equal(exit, 1);
    assert.match(err, /^error: 127\.0\.0\.1:\d+: no WebSocket dialect at \/nope\nhint: .*\/cim-json/);
  });
});
