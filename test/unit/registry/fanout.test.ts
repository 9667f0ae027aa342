import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialects } from '../../../src/api/dialect.ts';
import { EndOfTurn } from '../../../src/registry/end-of-turn.ts';
import { fanout } from '../../../src/registry/fanout.ts';
import { nothing } from '../../../src/registry/tally.ts';
import { Counters } from '../../../src/telemetry/counters.ts';
import { codecs } from '../../../src/wire/codecs/index.ts';
import { type Codecs, PreparedMessage } from '../../../src/wire/prepared-message.ts';
import { FakeConnection } from '../../support/fake-connection.ts';
import { samplePush, sampleReplaced } from '../../support/messages.ts';

const turn = new EndOfTurn();

test('a message is encoded once for each dialect, and all its receivers get the very same buffer', async () => {
  const encoded: string[] = [];
  const counting = Object.fromEntries(
    dialects.map((dialect) => [
      dialect,
      {
        ...codecs[dialect],
        encode: (message: typeof samplePush) => {
          encoded.push(dialect);
          return codecs[dialect].encode(message);
        },
      },
    ]),
  ) as unknown as Codecs;
  const connections = Array.from({ length: 12 }, (_, n) => {
    return new FakeConnection({ cid: n + 1, dialect: dialects[n % 3] ?? 'json' });
  });
  await fanout(connections, new PreparedMessage(samplePush, counting), turn);
  assert.deepEqual(encoded, dialects.slice(0, 3), 'no dialect that nobody speaks, none twice');
  for (const dialect of dialects.slice(0, 3)) {
    const buffers = new Set(connections.filter((c) => c.dialect === dialect).map((c) => c.received[0]));
    assert.equal(buffers.size, 1, dialect);
    assert.ok(buffers.values().next().value instanceof Buffer);
  }
});

test('every connection is in the result once, delivered or dropped with its reason, and so in the counters', async () => {
  const taken = new FakeConnection({ cid: 1, dialect: 'yunque' });
  const slow = new FakeConnection({ cid: 2, dialect: 'yunque', maxQueueBytes: 1 });
  slow.stall();
  slow.write(Buffer.alloc(1));
  const closing = new FakeConnection({ cid: 3, dialect: 'cim' });
  closing.close('kicked');
  const counters = new Counters();
  const result = await fanout([taken, slow, closing], new PreparedMessage(samplePush, codecs), turn, counters);
  assert.deepEqual(result, { matched: 3, delivered: 1, queued: 0, dropped: { slow_consumer: 1, closing: 1 } });
  assert.deepEqual(counters.dropped, { slow_consumer: 1, closing: 1 });
  assert.deepEqual(counters.deliveries, { json: 0, yunque: 1, cim: 0, 'cim-json': 0 });
  assert.equal(slow.closed?.code, 4008);
});

test('a connection whose dialect has no form for a message drops it, and stays', async () => {
  const json = new FakeConnection({ cid: 1, dialect: 'json' });
  const counters = new Counters();
  const result = await fanout([json], new PreparedMessage(sampleReplaced, codecs), turn, counters);
  assert.deepEqual(result, { matched: 1, delivered: 0, queued: 0, dropped: { not_in_dialect: 1 } });
  assert.deepEqual(counters.dropped, { not_in_dialect: 1 });
  assert.equal(json.isOpen, true);
});

test('without counters nothing is counted, and nobody is an answer too', async () => {
  const connection = new FakeConnection({ cid: 1 });
  assert.deepEqual(await fanout([connection], new PreparedMessage(samplePush, codecs), turn), {
    matched: 1,
    delivered: 1,
    queued: 0,
    dropped: {},
  });
  assert.deepEqual(await fanout([], new PreparedMessage(samplePush, codecs), turn), nothing);
});
