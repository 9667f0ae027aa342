import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { createServer as createTlsServer, type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { RpcPeers } from '../../src/bus/rpc/peers.ts';
import { certificateFingerprint, checkRpcTls } from '../../src/bus/rpc/tls.ts';
import { StartError } from '../../src/util/start-error.ts';
import { createAuthority } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { createRpcCluster, issueRpcTls } from '../support/rpc-cluster.ts';
import { freePort } from '../support/services/free-port.ts';

const quiet = {
  onJoin: () => {},
  onLeave: () => {},
  onTell: () => {},
  onAsk: async (_: unknown, bytes: Buffer) => bytes,
};
const isLinked = (...peers: readonly RpcPeers[]) => peers.every(({ nodes }) => nodes.length === peers.length - 1);

/** The fingerprint of the certificate that a port shows. */
async function shownAt(port: number): Promise<string | undefined> {
  const socket = tlsConnect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  const shown = socket.getPeerX509Certificate()?.fingerprint256;
  socket.destroy();
  return shown;
}

test('what nodes say with TLS is not on the wire', async (t) => {
  await using authority = await createAuthority();
  const tls = await issueRpcTls(authority, 'node');
  await using cluster = createRpcCluster({ tls });
  const port = await freePort();
  const seen: Buffer[] = [];
  const relay = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port });
    for (const socket of [near, far]) socket.on('error', () => {}).on('data', (bytes: Buffer) => seen.push(bytes));
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  t.after(() => relay.close());
  const proxy = relay.address() as { port: number };
  const a = await cluster.join('a', { port, advertise: { port: proxy.port } });
  const b = await cluster.join('b');
  await a.start(quiet);
  await b.start(quiet);
  await eventually('they are linked', () => isLinked(a, b));
  const { answers } = await b.ask(['a'], Buffer.from('a secret question'), { deadlineMs: 60_000 });
  assert.equal(String(answers.get('a')), 'a secret question');
  assert.ok(Buffer.concat(seen).length > 1000);
  assert.equal(Buffer.concat(seen).includes('a secret question'), false);
  assert.equal(a.strangers, 0);
});

test('who has no certificate of the authority gets no link, whichever side it is on, and it is said in plain words', async () => {
  await using authority = await createAuthority();
  await using other = await createAuthority();
  const [ours, theirs] = [await issueRpcTls(authority, 'ours'), await issueRpcTls(other, 'theirs')];
  // Its own certificate is of another authority; it would take ours.
  const liar = { ...theirs, ca: theirs.ca + ours.ca };
  const cases = [
    [ours, theirs, /authority/, /certificate of the other node is of another authority/],
    [ours, liar, /certificate of who connected is of another authority/, undefined],
    [liar, ours, undefined, /certificate of the other node is of another authority/],
    [undefined, ours, undefined, /does not speak TLS/],
    [ours, undefined, /does not speak TLS/, undefined],
  ] as const;
  const tried = cases.map(async ([mine, yours, onA, onB]) => {
    await using cluster = createRpcCluster();
    const [a, b] = [await cluster.join('a', { tls: mine }), await cluster.join('b', { tls: yours })];
    await a.start(quiet);
    await b.start(quiet);
    assert.deepEqual([a.nodes, b.nodes], [[], []]);
    const said = [a, b].map(({ warnings }) => warnings.map(({ what }) => String(what)).join('; '));
    if (onA !== undefined) assert.match(said[0] ?? '', onA);
    if (onB !== undefined) assert.match(said[1] ?? '', onB);
    for (const { warnings } of [a, b]) assert.ok(warnings.length <= 2, JSON.stringify(warnings));
  });
  await Promise.all(tried);
});

test('a certificate has to be for the address that is dialled', async () => {
  await using authority = await createAuthority();
  const right = await issueRpcTls(authority, 'right');
  const wrong = await issueRpcTls(authority, 'wrong', { names: 'DNS:elsewhere' });
  await using cluster = createRpcCluster({ tls: right });
  const a = await cluster.join('a', { tls: wrong });
  const b = await cluster.join('b');
  await a.start(quiet);
  await b.start(quiet);
  assert.match(String(b.warnings[0]?.['what']), /not for the address that was dialled/);
  // The other way round a's own name is not asked for: it dials.
  await eventually('a has dialled', () => isLinked(a, b));
});

test('certificates that cannot be used keep a node from listening: it says which, and what to do', async () => {
  await using authority = await createAuthority();
  await using other = await createAuthority();
  const good = await issueRpcTls(authority, 'good');
  const expired = await issueRpcTls(authority, 'expired', { days: -1 });
  const foreign = await issueRpcTls(other, 'foreign');
  const cases = [
    [expired, 'cluster.tls.cert', /expired on/],
    [{ ...foreign, ca: good.ca }, 'cluster.tls.cert', /not the authority in cluster\.tls\.ca/],
    [{ ...good, key: foreign.key }, 'cluster.tls.key', /not that of the first certificate/],
    [{ ...good, cert: 'nothing' }, 'cluster.tls.cert', /holds no certificate/],
    [{ ...good, key: 'nothing' }, 'cluster.tls.key', /holds no private key/],
    [{ ...good, ca: 'nothing' }, 'cluster.tls.ca', /holds no certificate/],
  ] as const;
  for (const [tls, key, words] of cases) {
    await using cluster = createRpcCluster({ tls: good });
    const peers = await cluster.join('a');
    assert.throws(
      () => peers.reloadTls(tls),
      (error) => {
        assert.ok(error instanceof StartError && error.hint !== undefined);
        assert.deepEqual([error.exitCode, error.at?.key], [78, key]);
        assert.match(error.message, words);
        return true;
      },
    );
    assert.throws(() => checkRpcTls(tls));
  }
  checkRpcTls(good);
  await using cluster = createRpcCluster({ tls: expired });
  await assert.rejects((await cluster.join('a')).listen(), /expired/);
});

test('certificates are changed without a restart: links that stand stay, new ones use the new', async () => {
  await using authority = await createAuthority();
  await using next = await createAuthority();
  const old = await issueRpcTls(authority, 'old');
  const changed = await issueRpcTls(next, 'new');
  const both = old.ca + changed.ca;
  await using cluster = createRpcCluster({ tls: old });
  const [a, b] = [await cluster.join('a'), await cluster.join('b')];
  await a.start(quiet);
  await b.start(quiet);
  await eventually('they are linked', () => isLinked(a, b));
  // As authorities are changed: first all take both, then each shows the new one.
  for (const peers of [a, b]) peers.reloadTls({ ...old, ca: both });
  a.reloadTls({ ...changed, ca: both });
  assert.ok(isLinked(a, b));
  assert.equal(await shownAt(a.port), certificateFingerprint(changed.cert));
  assert.equal(await shownAt(b.port), certificateFingerprint(old.cert));
  const c = await cluster.join('c', { tls: { ...changed, ca: changed.ca } });
  await c.start(quiet);
  await eventually('who takes only the new one is linked to who has it', () => c.nodes.some(({ id }) => id === 'a'));
  b.reloadTls({ ...changed, ca: changed.ca });
  await eventually('and to the other, when it has it, too', () => isLinked(a, b, c));
});

test('who ends TLS in between with a certificate of the authority cannot hand the proofs on', async (t) => {
  await using authority = await createAuthority();
  const [tls, middle] = [await issueRpcTls(authority, 'node'), await issueRpcTls(authority, 'middle')];
  await using cluster = createRpcCluster({ tls });
  const port = await freePort();
  const pairs: TLSSocket[] = [];
  let carried = 0;
  const options = { ...middle, ALPNProtocols: ['h2'] };
  const between = createTlsServer({ ...options, requestCert: true }, (near) => {
    const far = tlsConnect({ ...options, host: '127.0.0.1', port });
    pairs.push(near, far);
    for (const socket of [near, far]) socket.on('error', () => {});
    near.on('data', (bytes) => {
      carried += bytes.length;
      far.write(bytes);
    });
    far.on('data', (bytes) => near.write(bytes));
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }).listen(0, '127.0.0.1');
  await once(between, 'listening');
  const { port: advertised } = between.address() as { port: number };
  t.after(() => {
    between.close();
    for (const socket of pairs) socket.destroy();
  });
  // It knows nobody to dial.
  const alone = { enter: async () => [], watch: () => {} };
  const a = await cluster.join('a', { port, advertise: { port: advertised }, members: alone });
  cluster.members.put({ id: 'a', incarnation: 1, host: '127.0.0.1', port: advertised });
  const b = await cluster.join('b');
  await a.start(quiet);
  await b.start(quiet);
  assert.deepEqual([a.nodes, b.nodes], [[], []]);
  assert.ok(carried > 0);
  assert.match(String(b.warnings[0]?.['what']), /secret/);
});
