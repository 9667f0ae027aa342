import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ParcelReader } from '../../../../src/bus/rpc/parcels.ts';
import { type Handshake, isProof, proofOf } from '../../../../src/bus/rpc/proofs.ts';
import { yunque } from '../../../../src/wire/proto/rpc.js';
import { asJson, clusterVectors } from '../../../support/cluster-vectors.ts';

const vectors = clusterVectors().filter(({ way }) => way === 'frames');
const framesOf = (name: string) => {
  const found = vectors.find((vector) => vector.name === `frames-${name}`);
  assert.ok(found !== undefined, name);
  return found.lines.map((bytes) => yunque.rpc.Frame.decode(bytes));
};

describe('frames of version 1 of the RPC are still read', () => {
  for (const { name, reads, lines } of vectors) {
    test(name, () => {
      const frames = lines.map((bytes) => asJson({ ...yunque.rpc.Frame.decode(bytes) }));
      assert.partialDeepStrictEqual(frames, reads as object);
    });
  }

  test('and its proofs are good', () => {
    const [dialler] = framesOf('hello-dialler');
    const [dialled] = framesOf('hello-dialled');
    const [last] = framesOf('proof-dialler');
    assert.ok(dialler?.hello && dialled?.hello && last);
    const versions = { lowest: 1, highest: 1 };
    const handshake = {
      ...{ host: 'anywhere', port: 1666, version: 1, certificates: [] },
      dialler: { ...dialler.hello, versions },
      dialled: { ...dialled.hello, versions },
    } as Handshake;
    const secret = Buffer.from('the secret of version 1');
    assert.ok(isProof(dialled.proof, proofOf('dialled', secret, handshake)));
    assert.ok(isProof(last.proof, proofOf('dialler', secret, handshake)));
  });

  test('and its parcels, whole and in pieces', () => {
    const read = (name: string) => {
      const reader = new ParcelReader();
      const parcels = framesOf(name).flatMap(({ items }) => items.map((item) => reader.take(item)));
      return parcels.flatMap((parcel) => (parcel === undefined ? [] : [{ ...parcel, bytes: String(parcel.bytes) }]));
    };
    assert.deepEqual(read('items'), [
      { kind: 0, id: 0, bytes: 'tell' },
      { kind: 1, id: 7, bytes: 'ask' },
      { kind: 2, id: 4294967295, bytes: 'answer' },
      { kind: 3, id: 8, bytes: '' },
      { kind: 0, id: 0, bytes: '' },
    ]);
    assert.deepEqual(read('items-split'), [
      { kind: 1, id: 9, bytes: 'one two three' },
      { kind: 0, id: 0, bytes: 'tell' },
    ]);
  });
});
