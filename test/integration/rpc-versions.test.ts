import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
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
    await cluster.join('a', { versions: { lowest: 2, highest: 2 } }),
    await cluster.join('b', { versions: { lowest: 2, highest: 3 } }),
    await cluster.join('c', { versions: { lowest: 2, highest: 4 } }),
  ];
  for (const peers of all) await peers.start(quiet);
  await eventually('all are linked', () => all.every(({ nodes }) => nodes.length === 2));
  const versions = all.map(({ nodes }) => Object.fromEntries(nodes.map(({ id, version }) => [id, version])));
  assert.deepEqual(versions, [
    { b: 2, c: 2 },
    { a: 2, c: 3 },
    { a: 2, b: 3 },
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
  assert.match(text(a)[0] ?? '', /it speaks versions 8 to 9 .* this node 2; upgrade/);
  assert.match(text(b)[0] ?? '', /it speaks versions 2 .* this node 8 to 9; upgrade/);
  // Of each of the two others, and of the address they come from.
  for (const { warnings } of [a, b, c]) assert.ok(warnings.length <= 3, JSON.stringify(warnings));
});

test('a node that speaks version 1 alone is refused: the log names both versions and what to do, and the others go on', async () => {
  await using cluster = createRpcCluster();
  const [a, b] = [await cluster.join('a'), await cluster.join('b')];
  for (const peers of [a, b]) await peers.start(quiet);
  await eventually('they are linked', () => a.nodes.length === 1 && b.nodes.length === 1);
  const stream = dialStream('127.0.0.1', a.port);
  const frames: Frame[] = [];
  let hasEnded = false;
  stream.onFrame((frame) => void frames.push(frame));
  stream.onEnd(() => {
    hasEnded = true;
  });
  stream.write({ hello: { version: 1, node: 'old', incarnation: 9, nonce: randomBytes(32) } });
  await eventually('it was cut off', () => hasEnded);
  // It learns what this node speaks, and gets no proof.
  assert.equal(frames[0]?.hello?.version, 2);
  assert.equal(frames[0]?.proof?.length ?? 0, 0);
  assert.deepEqual([frames.length, a.nodes.map(({ id }) => id)], [1, ['b']]);
  const [{ what, hint } = {}] = a.warnings;
  assert.match(`${what}; ${hint}`, /it speaks versions 1 of what nodes say to each other, this node 2; upgrade/);
  assert.equal(a.warnings.length, 1);
});
