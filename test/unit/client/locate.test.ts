import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ClientError } from '../../../src/client/client-error.ts';
import { locateServer } from '../../../src/client/locate.ts';

async function machine(t: TestContext) {
  const home = await mkdtemp(join(tmpdir(), 'yunque-locate-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  const runtime = join(home, 'run', 'yunque');
  const state = join(home, 'state', 'yunque');
  await mkdir(runtime, { recursive: true });
  await mkdir(state, { recursive: true });
  const env: Record<string, string> = { XDG_RUNTIME_DIR: join(home, 'run'), XDG_STATE_HOME: join(home, 'state') };
  const listen = async (folder: string, port: number) => {
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${port}.sock`);
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(path, resolve));
    t.after(() => server.close());
    return path;
  };
  const locate = (server?: string, more: { keyFile?: string; stdin?: string } = {}) =>
    locateServer({ server, keyFile: more.keyFile, env, readStdin: async () => more.stdin ?? '' });
  return { home, runtime, state, env, listen, locate };
}

const kind = (expected: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ClientError, String(error));
  assert.equal(error.kind, expected);
  assert.match(`${error.message} ${error.hint}`, message);
  return true;
};

describe('with no server named', () => {
  it('the one live socket is taken', async (t) => {
    const { runtime, listen, locate } = await machine(t);
    const socketPath = await listen(runtime, 7001);
    assert.deepEqual(await locate(), { socketPath });
  });

  it('a socket in a data directory below the state folder is found', async (t) => {
    const { state, listen, locate } = await machine(t);
    const socketPath = await listen(join(state, '7002'), 7002);
    assert.deepEqual(await locate(), { socketPath });
  });

  it('a socket in $YUNQUE_DATA_DIR is found', async (t) => {
    const { home, env, listen, locate } = await machine(t);
    env['YUNQUE_DATA_DIR'] = join(home, 'data');
    const socketPath = await listen(join(home, 'data'), 7003);
    assert.deepEqual(await locate(), { socketPath });
  });

  it('several are told apart by port, and none is taken', async (t) => {
    const { runtime, state, listen, locate } = await machine(t);
    await listen(runtime, 7002);
    await listen(join(state, '7001'), 7001);
    await assert.rejects(locate(), kind('ambiguous', /7001, 7002.*-s 7001/));
  });

  it('a file without a node behind it is no node', async (t) => {
    const { runtime, locate } = await machine(t);
    await writeFile(join(runtime, '7001.sock'), '');
    await assert.rejects(locate(), kind('unreachable', /yunque serve 7001/));
  });

  it('YUNQUE_SERVER names one', async (t) => {
    const { env, runtime, listen, locate } = await machine(t);
    await listen(runtime, 7001);
    env['YUNQUE_SERVER'] = 'http://push.example:666';
    assert.deepEqual(await locate(), { url: 'http://push.example:666/' });
  });
});

describe('with a server on this machine', () => {
  it('its socket is used, whatever stands for this machine: on another address anybody may listen', async (t) => {
    const { runtime, listen, locate } = await machine(t);
    const socketPath = await listen(runtime, 7001);
    await writeFile(join(runtime, '7001.key'), 'abc\n');
    await writeFile(join(runtime, '7001.host'), '127.0.0.1\n');
    for (const server of [
      '7001',
      '127.0.0.1:7001',
      'localhost:7001',
      'http://[::1]:7001',
      'https://127.0.0.2:7001/x',
    ]) {
      assert.deepEqual(await locate(server), { socketPath }, server);
    }
  });

  it('a socket goes before a key that a dead node left behind, in whichever folder', async (t) => {
    const { runtime, state, listen, locate } = await machine(t);
    await writeFile(join(runtime, '7001.key'), 'old');
    await writeFile(join(runtime, '7001.host'), '::');
    const socketPath = await listen(join(state, '7001'), 7001);
    assert.deepEqual(await locate('localhost:7001'), { socketPath });
  });

  it('a key without a socket opens the addresses its node listens on, and is shown to no other', async (t) => {
    const { runtime, locate } = await machine(t);
    await writeFile(join(runtime, '7001.key'), 'abc\n');
    assert.deepEqual(await locate('7001'), { url: 'http://127.0.0.1:7001/' }, 'nobody says where it listens');
    for (const [bound, opened] of [
      ['127.0.0.1', ['127.0.0.1']],
      ['::1', ['[::1]']],
      ['0.0.0.0', ['127.0.0.1', '127.0.0.2']],
      ['::', ['127.0.0.1', '127.0.0.2', '[::1]', 'localhost']],
      ['10.0.0.1', []],
    ] as const) {
      await writeFile(join(runtime, '7001.host'), `${bound}\n`);
      const hosts = ['127.0.0.1', '127.0.0.2', '[::1]', 'localhost'];
      const shown = await Promise.all(hosts.map(async (host) => 'key' in (await locate(`http://${host}:7001`))));
      assert.deepEqual(
        hosts.filter((_, at) => shown[at]),
        opened,
        bound,
      );
    }
  });

  it('nothing at hand leaves the answer to the node', async (t) => {
    const { locate } = await machine(t);
    assert.deepEqual(await locate('7001'), { url: 'http://127.0.0.1:7001/' });
  });

  it('the key of a local node never goes to another machine', async (t) => {
    const { runtime, listen, locate } = await machine(t);
    await listen(runtime, 7001);
    await writeFile(join(runtime, '7001.key'), 'abc');
    assert.deepEqual(await locate('http://10.0.0.1:7001'), { url: 'http://10.0.0.1:7001/' });
    assert.deepEqual(await locate('http://127.0.0.1.example:7001'), { url: 'http://127.0.0.1.example:7001/' });
  });

  it('a socket may be named', async (t) => {
    const { locate } = await machine(t);
    assert.deepEqual(await locate('unix:/run/y/1.sock'), { socketPath: '/run/y/1.sock' });
    assert.deepEqual(await locate('/run/y/1.sock'), { socketPath: '/run/y/1.sock' });
  });
});

describe('a key given by hand', () => {
  it('comes from --key-file, standard input, YUNQUE_KEY or YUNQUE_KEY_FILE, in this order', async (t) => {
    const { home, env, locate } = await machine(t);
    await writeFile(join(home, 'a'), 'from-file\n');
    await writeFile(join(home, 'b'), 'from-env-file\n');
    const url = 'https://push.example/';
    env['YUNQUE_KEY_FILE'] = join(home, 'b');
    assert.deepEqual(await locate(url), { url, key: 'from-env-file' });
    env['YUNQUE_KEY'] = 'from-env';
    assert.deepEqual(await locate(url), { url, key: 'from-env' });
    assert.deepEqual(await locate(url, { keyFile: join(home, 'a') }), { url, key: 'from-file' });
    assert.deepEqual(await locate(url, { keyFile: '-', stdin: ' typed \n' }), { url, key: 'typed' });
  });

  it('is refused where the file holds something else, without printing it', async (t) => {
    const { home, locate } = await machine(t);
    await writeFile(join(home, 'a'), '-----BEGIN\nsecret-----');
    await assert.rejects(locate('https://x', { keyFile: join(home, 'a') }), (error: unknown) => {
      assert.ok(error instanceof ClientError && error.exit === 2);
      assert.doesNotMatch(error.message + error.hint, /secret/);
      return true;
    });
    await assert.rejects(locate('https://x', { keyFile: join(home, 'none') }), kind('usage', /ENOENT/));
  });
});
