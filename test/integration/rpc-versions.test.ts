import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { dialStream, type Frame } from '../../src/bus/rpc/frame-stream.ts';
import { eventually } from '../support/eventually.ts';
import { createRpcCluster } from '../support/rpc-cluster.ts';

const quiet = {
  onJoin: () => {},
  onLeave: () => {},
  onTell: () => {},
  onAsk: async (_: unknown, bytes: Buffer) => bytes,
};

test('nodes of neighbouring versions work side by side, each pair with the highest version both know', async () => {
  await using cluster = createRpcCluster();
  const all = [
    await cluster.join('a', { versions: { lowest: 1, highest: 1 } }),
    await cluster.join('b', { versions: { lowest: 1, highest: 2 } }),
    await cluster.join('c', { versions: { lowest: 1, highest: 3 } }),
  ];
  for (const peers of all) await peers.start(quiet);
  await eventually('all are linked', () => all.every(({ nodes }) => nodes.length === 2));
  const versions = all.map(({ nodes }) => Object.fromEntries(nodes.map(({ id, version }) => [id, version])));
  assert.deepEqual(versions, [
    { b: 1, c: 1 },
    { a: 1, c: 2 },
    { a: 1, b: 2 },
  ]);
  for (const { warnings } of all) assert.deepEqual(warnings, []);
});

test('nodes without a version in common say so once on both sides, with both versions and what to do; the others go on', async () => {
  await using cluster = createRpcCluster();
  const a = await cluster.join('a');
  const b = await cluster.join('b', { versions: { lowest: 8, highest: 9 } });
  const c = await cluster.join('c');
  for (const peers of [a, b, c]) await peers.start(quiet);
  await eventually('those of one version are linked', () => a.nodes.length === 1 && c.nodes.length === 1);
  assert.deepEqual(b.nodes, []);
  await eventually('both have tried', () => [a, b].every(({ warnings }) => warnings.length > 0));
  const text = (peers: typeof a) => peers.warnings.map(({ what, hint }) => `${what}; ${hint}`);
  assert.match(text(a)[0] ?? '', /it speaks versions 8 to 9 .* this node 1 to 2; upgrade/);
  assert.match(text(b)[0] ?? '', /it speaks versions 1 to 2 .* this node 8 to 9; upgrade/);
  // Of each of the two others, and of the address they come from.
  for (const { warnings } of [a, b, c]) assert.ok(warnings.length <= 3, JSON.stringify(warnings));
});

test('a node of the first build joins: its hello names one version, and its proofs are of that version', async () => {
  await using cluster = createRpcCluster();
  const peers = await cluster.join('new');
  const log: string[] = [];
  const say = (line: string) => void log.push(line);
  await peers.start({
    ...quiet,
    onJoin: ({ id, version }) => say(`+${id} ${version}`),
    onTell: ({ id }, bytes) => say(`${id}: ${bytes}`),
  });
  const { port } = peers;
  const hello = { version: 1, node: 'old', incarnation: 9, nonce: randomBytes(32) };
  const said = (of: Frame['hello']) => [of?.node, of?.incarnation, Buffer.from(of?.nonce ?? []).toString('base64')];
  const proof = (side: string, dialled: Frame['hello']) => {
    const transcript = JSON.stringify(['yunque.rpc/1', side, port, said(hello), said(dialled)]);
    return createHmac('sha256', cluster.secret).update(transcript).digest();
  };
  const stream = dialStream('127.0.0.1', port);
  const frames: Frame[] = [];
  stream.onFrame((frame) => {
    frames.push(frame);
    if (frames.length > 1) return;
    stream.write({ proof: proof('dialler', frame.hello) });
    stream.write({ items: [{ payload: Buffer.from('as ever') }, { kind: 1, id: 3, payload: Buffer.from('ping') }] });
  });
  stream.onEnd(() => {});
  stream.write({ hello });
  await eventually('it was answered', () => frames.length === 2);
  // What the first build asks of a hello.
  assert.equal(frames[0]?.hello?.version, 1);
  assert.deepEqual(frames[0]?.proof, proof('dialled', frames[0]?.hello));
  assert.deepEqual(log, ['+old 1', 'old: as ever']);
  assert.equal(String(frames[1]?.items?.[0]?.payload), 'ping');
  stream.destroy();
});
