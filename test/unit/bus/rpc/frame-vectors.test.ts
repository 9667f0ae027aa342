import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ParcelReader } from '../../../../src/bus/rpc/parcels.ts';
import { type Handshake, isProof, proofOf } from '../../../../src/bus/rpc/proofs.ts';
import { yunque } from '../../../../src/wire/proto/rpc.js';
import { asJson, clusterVectors, type RecordedVersion, recordedVersions } from '../../../support/cluster-vectors.ts';

const framesOf = (version: RecordedVersion, name: string) => {
  const found = clusterVectors(version).find((vector) => vector.name === `frames-${name}`);
  assert.ok(found !== undefined, name);
  return found.lines.map((bytes) => yunque.rpc.Frame.decode(bytes));
};

for (const version of recordedVersions) {
  describe(`frames of version ${version} of the RPC are read`, () => {
    for (const { name, way, reads, lines } of clusterVectors(version)) {
      if (way !== 'frames') continue;
      test(name, () => {
        const frames = lines.map((bytes) => asJson({ ...yunque.rpc.Frame.decode(bytes) }));
        assert.partialDeepStrictEqual(frames, reads as object);
      });
    }

    test('and their parcels, whole and in pieces', () => {
      const read = (name: string) => {
        const reader = new ParcelReader();
        const parcels = framesOf(version, name).flatMap(({ items }) => items.map((item) => reader.take(item)));
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
}

test('the proofs of version 2 are good', () => {
  const [dialler] = framesOf(2, 'hello-dialler');
  const [dialled] = framesOf(2, 'hello-dialled');
  const [last] = framesOf(2, 'proof-dialler');
  assert.ok(dialler?.hello && dialled?.hello && last);
  const handshake = {
    ...{ host: '10.0.0.1', port: 1666, version: 2, certificates: ['AA:BB', 'CC:DD'] },
    dialler: { ...dialler.hello, versions: { lowest: 2, highest: 3 } },
    dialled: { ...dialled.hello, versions: { lowest: 2, highest: 2 } },
  } as Handshake;
  const secret = Buffer.from('the secret of version 2');
  assert.ok(isProof(dialled.proof, proofOf('dialled', secret, handshake)));
  assert.ok(isProof(last.proof, proofOf('dialler', secret, handshake)));
});
