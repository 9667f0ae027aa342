import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { YunqueError } from '../../../src/api/errors.ts';
import { type BatchKind, decodeEnvelope, type Envelope } from '../../../src/wire/cluster/envelope.ts';
import { decodeGroupNotice } from '../../../src/wire/cluster/group-notice.ts';
import { decodePush } from '../../../src/wire/cluster/push.ts';
import { decodeBroadcastReceipt, decodeReceipt } from '../../../src/wire/cluster/receipt.ts';
import { decodeRoute, decodeRoutes } from '../../../src/wire/cluster/route.ts';
import { asJson, type ClusterVector, clusterVectors, recordedVersions } from '../../support/cluster-vectors.ts';

type Way = ClusterVector['way'];

/** As the code that gets an item in this way reads it. */
function readItem(kind: BatchKind, way: Way, item: Buffer): unknown {
  switch (kind) {
    case 'pushes':
      return decodePush(item);
    case 'receipts': {
      if (way !== 'tell') return receiptAsJson(decodeReceipt(item));
      const { receipt, ...of } = decodeBroadcastReceipt(item);
      return { ...of, receipt: receiptAsJson(receipt) };
    }
    case 'routes':
      return way === 'answer' ? decodeRoutes(item) : decodeRoute(item);
    case 'notices':
      return decodeGroupNotice(item);
    default:
      return kind satisfies never;
  }
}

const receiptAsJson = (value: unknown) =>
  value instanceof YunqueError ? { error: value.code, message: value.message } : value;

const errorAsJson = ({ code, message, field, hint, problems, retryAfterSeconds }: YunqueError) => {
  return { code, message, field, hint, problems, retryAfterSeconds };
};

function read(envelope: Envelope, way: Way): unknown {
  if (envelope.type === 'failure') return { type: 'failure', error: errorAsJson(envelope.error) };
  if (envelope.type === 'broadcast') return { ...envelope, pushes: envelope.pushes.map(decodePush) };
  if (envelope.type !== 'batch') return envelope;
  const { type, kind, items } = envelope;
  return { type, kind, items: items.map((item) => readItem(kind, way, item)) };
}

for (const version of recordedVersions) {
  describe(`what nodes of wire version ${version} say is read`, () => {
    for (const { name, way, reads, lines } of clusterVectors(version)) {
      if (way === 'frames') continue;
      test(name, () => {
        const [bytes] = lines;
        assert.ok(bytes !== undefined && bytes[0] === version);
        const value = asJson(read(decodeEnvelope(bytes), way));
        // A field more is what a later version adds, with a default that means what was before.
        assert.partialDeepStrictEqual(value, reads as object);
      });
    }
  });
}
