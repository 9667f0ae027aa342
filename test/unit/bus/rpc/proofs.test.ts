import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Handshake, isProof, proofOf } from '../../../../src/bus/rpc/proofs.ts';

const secret = Buffer.from('the secret of this run');
const handshake: Handshake = {
  dialler: { node: 'n1', incarnation: 1, nonce: Buffer.from('one') },
  dialled: { node: 'n2', incarnation: 7, nonce: Buffer.from('two') },
  port: 1666,
};

test('a proof is good for its side and its handshake, and for nothing else', () => {
  const own = proofOf('dialler', secret, handshake);
  assert.ok(isProof(proofOf('dialler', secret, handshake), own));
  const others: readonly (readonly [what: string, proof: Buffer])[] = [
    ['the other side, as an echo would be', proofOf('dialled', secret, handshake)],
    ['another secret', proofOf('dialler', Buffer.from('another'), handshake)],
    ['another port', proofOf('dialler', secret, { ...handshake, port: 1667 })],
    [
      'sides changed',
      proofOf('dialler', secret, { ...handshake, dialler: handshake.dialled, dialled: handshake.dialler }),
    ],
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
        'another nonce',
        proofOf('dialler', secret, { ...handshake, [side]: { ...handshake[side], nonce: Buffer.from('x') } }),
      ] as const,
    ]),
  ];
  for (const [what, proof] of others) assert.equal(isProof(proof, own), false, what);
  assert.equal(isProof(undefined, own), false);
  assert.equal(isProof(own.subarray(1), own), false);
});
