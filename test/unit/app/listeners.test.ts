import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFile, writeFile } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { listen, portOf } from '../../../src/app/listen.ts';
import { closeServer, type Listeners, openListeners } from '../../../src/app/listeners.ts';
import { Owned } from '../../../src/app/owned.ts';
import { readTlsPair } from '../../../src/app/tls-files.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { StartError } from '../../../src/util/start-error.ts';
import { type Authority, createAuthority, type Issued } from '../../support/certificates.ts';

let authority: Authority;
let first: Issued;
let second: Issued;
before(async () => {
  authority = await createAuthority();
  [first, second] = await Promise.all([authority.issue('first'), authority.issue('second')]);
});
after(() => authority[Symbol.asyncDispose]());

async function open(t: TestContext, ...set: string[]): Promise<{ listeners: Listeners; warnings: string[] }> {
  const owned = new Owned();
  t.after(() => owned[Symbol.asyncDispose]());
  const { config } = loadConfig({ flags: { port: 0, set: ['host=127.0.0.1', ...set] }, env: {}, cwd: '/' });
  const warnings: string[] = [];
  const listeners = await openListeners(
    { config, isFull: () => false, onWarning: (warning) => warnings.push(warning) },
    owned,
  );
  return { listeners, warnings };
}

async function secure(t: TestContext, port: number): Promise<TLSSocket> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

const shown = (socket: TLSSocket) => socket.getPeerX509Certificate()?.fingerprint256;

/** Files that a renewal writes over. */
async function renewable(): Promise<Issued> {
  const files = { cert: join(authority.folder, 'live.crt'), key: join(authority.folder, 'live.key') };
  await put(first, files);
  return files;
}

async function put(from: Issued, to: Issued): Promise<void> {
  await Promise.all([copyFile(from.cert, to.cert), copyFile(from.key, to.key)]);
}

test('a renewed certificate is shown to those who come after the reload, and nobody is cut off', async (t) => {
  const files = await renewable();
  const { listeners } = await open(t, `tls.cert=${files.cert}`, `tls.key=${files.key}`);
  const before = await secure(t, listeners.port);
  assert.equal(shown(before), readTlsPair(first).fingerprint);
  await put(second, files);
  assert.equal(shown(await secure(t, listeners.port)), readTlsPair(first).fingerprint, 'not before the reload');
  const fresh = listeners.prepareTls();
  assert.deepEqual([fresh?.pair.fingerprint, fresh?.pair.warnings], [readTlsPair(second).fingerprint, []]);
  assert.equal(shown(await secure(t, listeners.port)), readTlsPair(first).fingerprint, 'nor while it is prepared');
  fresh?.commit();
  assert.equal(shown(await secure(t, listeners.port)), readTlsPair(second).fingerprint);
  assert.equal(listeners.certificate()?.fingerprint, readTlsPair(second).fingerprint);
  assert.equal(before.destroyed, false);
});

test('a bad new pair is refused with the reason, and the old one stays', async (t) => {
  const files = await renewable();
  const { listeners } = await open(t, `tls.cert=${files.cert}`, `tls.key=${files.key}`);
  const old = readTlsPair(first).fingerprint;
  await copyFile(second.cert, files.cert);
  const isMismatch = (error: unknown) => error instanceof StartError && /is not that of the first/.test(error.message);
  assert.throws(() => listeners.prepareTls(), isMismatch);
  await writeFile(files.cert, '');
  assert.throws(() => listeners.prepareTls(), StartError);
  assert.equal(shown(await secure(t, listeners.port)), old);
  assert.equal(listeners.certificate()?.fingerprint, old);
});

test('certificate and key may move, on all ports with TLS at once', async (t) => {
  const set = [`tls.cert=${first.cert}`, `tls.key=${first.key}`, 'listeners=[{port: 0, dialect: cim}]'];
  const { listeners } = await open(t, ...set, 'internal.listen=127.0.0.1:0', 'internal.tls=true');
  listeners.prepareTls(second)?.commit();
  const ports = [...listeners.ports, listeners.internalPort ?? 0];
  assert.equal(ports.length, 3);
  for (const port of ports) assert.equal(shown(await secure(t, port)), readTlsPair(second).fingerprint);
  assert.throws(() => listeners.prepareTls({ ...second, cert: '/nowhere' }), StartError);
  assert.equal(
    listeners.prepareTls()?.pair.fingerprint,
    readTlsPair(second).fingerprint,
    'what could not be read is not remembered',
  );
});

test('without TLS a reload changes nothing: TLS begins with a start', async (t) => {
  const { listeners } = await open(t);
  assert.equal(listeners.prepareTls(second), undefined);
  assert.equal(listeners.certificate(), undefined);
});

test('what is unwise about the files is said when the ports open', async (t) => {
  const expired = await authority.issue('expired', { days: -1 });
  const { warnings } = await open(t, `tls.cert=${expired.cert}`, `tls.key=${expired.key}`);
  assert.match(warnings.join(), /has expired/);
});

test('a bad pair opens no port', async (t) => {
  await assert.rejects(open(t, `tls.cert=${first.cert}`, `tls.key=${second.key}`), StartError);
});

async function silent(t: TestContext, port: number): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

test('a TLS handshake that does not come is cut, and closing the port does not wait for one', async (t) => {
  const options = {
    port: 0,
    host: '127.0.0.1',
    headerBytes: 16 * 1024,
    handlers: () => undefined,
    isFull: () => false,
  };
  const server = await listen({ ...options, tls: readTlsPair(first) });
  const cut = await silent(t, portOf(server));
  await once(cut, 'close');

  const arrived = once(server, 'connection');
  await silent(t, portOf(server));
  await arrived;
  let isTooLate = false;
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    isTooLate ||= error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT';
  });
  await closeServer(server);
  assert.equal(isTooLate, false);
});

/** Whether somebody listens there. */
async function takes(t: TestContext, port: number): Promise<boolean> {
  const socket = connectTcp(port, '127.0.0.1');
  t.after(() => socket.destroy());
  return await once(socket, 'connect').then(
    () => true,
    () => false,
  );
}

test('ports are left and entered in turn, however fast that is asked for, and all of them or none', async (t) => {
  const options = { host: '127.0.0.1', headerBytes: 16 * 1024, handlers: () => undefined, isFull: () => false };
  const taken = await listen({ ...options, port: 0 });
  const port = portOf(taken);
  await closeServer(taken);
  const { listeners } = await open(t, `listeners=[{port: 0, dialect: cim}, {port: ${port}, dialect: cim}]`);
  await Promise.all([listeners.leavePorts(), listeners.enterPorts(), listeners.leavePorts()]);
  assert.equal(await takes(t, port), false);
  await Promise.all([listeners.enterPorts(), listeners.enterPorts()]);
  assert.equal(await takes(t, port), true);
  await listeners.leavePorts();
  const other = await listen({ ...options, port });
  await assert.rejects(listeners.enterPorts(), StartError);
  await closeServer(other);
  await listeners.enterPorts();
  assert.equal(await takes(t, port), true);
});
