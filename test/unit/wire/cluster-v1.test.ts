import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { YunqueError } from '../../../src/api/errors.ts';
import { type BatchKind, decodeEnvelope, type Envelope } from '../../../src/wire/cluster/envelope.ts';
import { decodeGroupNotice } from '../../../src/wire/cluster/group-notice.ts';
import { decodePush } from '../../../src/wire/cluster/push.ts';
import { decodeReceipt } from '../../../src/wire/cluster/receipt.ts';
import { decodeRoute } from '../../../src/wire/cluster/route.ts';
import { asJson, clusterVectors } from '../../support/cluster-vectors.ts';

const readers: Readonly<Partial<Record<BatchKind, (item: Buffer) => unknown>>> = {
  pushes: decodePush,
  receipts: decodeReceipt,
  routes: decodeRoute,
  notices: decodeGroupNotice,
};

const errorAsJson = ({ code, message, field, hint, problems, retryAfterSeconds }: YunqueError) => {
  return { code, message, field, hint, problems, retryAfterSeconds };
};

function read(envelope: Envelope): unknown {
  if (envelope.type === 'failure') return { type: 'failure', error: errorAsJson(envelope.error) };
  if (envelope.type !== 'batch') return envelope;
  const { type, kind, items } = envelope;
  return {
    ...{ type, kind },
    items: items.map((item) => {
      const value = readers[kind]?.(item);
      return value instanceof YunqueError ? { error: value.code, message: value.message } : value;
    }),
  };
}

describe('what nodes of wire version 1 say is still read', () => {
  for (const { name, way, reads, lines } of clusterVectors()) {
    if (way === 'frames') continue;
    test(name, () => {
      const [bytes] = lines;
      assert.ok(bytes !== undefined && bytes[0] === 1);
      const value = asJson(read(decodeEnvelope(bytes)));
      // A field more is what a later version adds, with a default that means what was before.
      assert.partialDeepStrictEqual(value, reads as object);
    });
  }
});
