import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Handshake, isProof, proofOf } from '../../../../src/bus/rpc/proofs.ts';

const secret = Buffer.from('the secret of this run');
const versions = { lowest: 1, highest: 2 };
const handshake: Handshake = {
  dialler: { node: 'n1', incarnation: 1, nonce: Buffer.from('one'), versions },
  dialled: { node: 'n2', incarnation: 7, nonce: Buffer.from('two'), versions },
  host: '10.0.0.1',
  port: 1666,
  version: 2,
  certificates: ['AA', 'BB'],
};
type Other = readonly [what: string, proof: Buffer];

test('a proof is good for its side and its handshake, and for nothing else', () => {
  const own = proofOf('dialler', secret, handshake);
  assert.ok(isProof(proofOf('dialler', secret, handshake), own));
  const of = (what: string, changed: Partial<Handshake>): Other => [
    what,
    proofOf('dialler', secret, { ...handshake, ...changed }),
  ];
  const others: readonly Other[] = [
    ['the other side, as an echo would be', proofOf('dialled', secret, handshake)],
    ['another secret', proofOf('dialler', Buffer.from('another'), handshake)],
    of('another port', { port: 1667 }),
    of('another host', { host: '10.0.0.2' }),
    of('another version', { version: 3 }),
    of('version 1', { version: 1 }),
    of('no TLS', { certificates: [] }),
    of('another certificate', { certificates: ['AA', 'CC'] }),
    of('certificates changed', { certificates: ['BB', 'AA'] }),
    of('sides changed', { dialler: handshake.dialled, dialled: handshake.dialler }),
    ...(['dialler', 'dialled'] as const).flatMap((side) => [
      [
        'another node',
        proofOf('dialler', secret, { ...handshake, [side]: { ...handshake[side], node: 'n3' } }),
      ] as const,
      [
        'another incarnation',
        proofOf('dialler', secret, { ...handshake, [side]: { ...handshake[side], incarnation: 99 } }),
      ] as const,
      [
        'other versions',
        proofOf('dialler', secret, {
          ...handshake,
          [side]: { ...handshake[side], versions: { lowest: 1, highest: 3 } },
        }),
      ] as const,
      [
        'another nonce',
        proofOf('dialler', secret, { ...handshake, [side]: { ...handshake[side], nonce: Buffer.from('x') } }),
      ] as const,
    ]),
  ];
  for (const [what, proof] of others) assert.equal(isProof(proof, own), false, what);
  assert.equal(isProof(undefined, own), false);
  assert.equal(isProof(own.subarray(1), own), false);
});
