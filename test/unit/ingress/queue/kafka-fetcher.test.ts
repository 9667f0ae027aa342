import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { KafkaFetcher, type KafkaFetcherOptions } from '../../../../src/ingress/queue/sources/kafka-fetcher.ts';
import { eventually } from '../../../support/eventually.ts';

/** Of a topic that has no end, of records without a body. */
function createEndlessReader() {
  const asked: bigint[] = [];
  const perAnswer = 5000;
  const answer = (from: bigint) => {
    asked.push(from);
    const records = Array.from({ length: perAnswer }, (_, offsetDelta) => {
      return { length: 0, attributes: 0, timestampDelta: 0n, offsetDelta, key: null, value: null, headers: [] };
    });
    const of = { attributes: 0, lastOffsetDelta: perAnswer - 1, firstTimestamp: 0n, maxTimestamp: 0n, producerId: 1n };
    const batch = { firstOffset: from, partitionLeaderEpoch: 1, records, ...of };
    const partition = { partitionIndex: 0, errorCode: 0, abortedTransactions: [], records: [batch] };
    return { responses: [{ partitions: [partition] }] };
  };
  const reader = {
    metadata: async () => ({ topics: new Map([['chat', { id: 'id', partitions: { 0: { leader: 1 } } }]]) }),
    fetch: async ({ topics }: { topics: { partitions: { fetchOffset: bigint }[] }[] }) =>
      asked.length > 100 ? new Promise(() => {}) : answer(topics[0]?.partitions[0]?.fetchOffset ?? 0n),
  };
  return { asked, reader: reader as unknown as KafkaFetcherOptions['reader'] };
}

test('what is fetched ahead is bounded, also where records have no body', async (t) => {
  const { asked, reader } = createEndlessReader();
  const nothing = () => {};
  const others = { relocate: async () => 0n, onFailure: nothing, onFetched: nothing };
  const fetcher = new KafkaFetcher({ topic: 'chat', reader, ...others }, new Map([[0, 0n]]));
  t.after(() => fetcher.stop());
  await eventually('it fetches', () => asked.length > 0);
  // It would go on in each turn of the loop.
  for (let turn = 0; turn < 100; turn += 1) await pause(0);
  const ahead = asked.length;
  assert.ok(ahead < 10, `${ahead} answers of 5000 records wait`);
  await eventually('it fetches on where there is room again', () => fetcher.shift().length > 0 && asked.length > ahead);
});
