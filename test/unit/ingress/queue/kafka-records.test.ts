import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KafkaMarks } from '../../../../src/ingress/queue/sources/kafka-marks.ts';
import { type FetchedPartition, readPartition } from '../../../../src/ingress/queue/sources/kafka-records.ts';

type Batch = NonNullable<FetchedPartition['records']>[number];

const flags = { logAppendTime: 0x08, transactional: 0x10, control: 0x20 };
const abortMarker = Buffer.from([0, 0, 0, 0]);
const commitMarker = Buffer.from([0, 0, 0, 1]);

function batch(firstOffset: number, texts: readonly (string | null)[], more: Partial<Batch> = {}): Batch {
  const records = texts.map((text, at) => ({
    length: 0,
    attributes: 0,
    timestampDelta: BigInt(at),
    offsetDelta: at,
    key: null,
    value: text === null ? null : Buffer.from(text),
    headers: [],
  }));
  return {
    firstOffset: BigInt(firstOffset),
    length: 0,
    partitionLeaderEpoch: 7,
    magic: 2,
    crc: 0,
    attributes: 0,
    lastOffsetDelta: texts.length - 1,
    firstTimestamp: 1000n,
    maxTimestamp: 2000n,
    producerId: 1n,
    producerEpoch: 0,
    firstSequence: 0,
    records,
    ...more,
  };
}

function marker(offset: number, producerId: bigint, key: Buffer): Batch {
  const made = batch(offset, ['']);
  const records = made.records.map((record) => ({ ...record, key }));
  return { ...made, attributes: flags.control | flags.transactional, producerId, records };
}

function partition(records: Batch[], aborted: readonly [bigint, bigint][] = []): FetchedPartition {
  return {
    partitionIndex: 3,
    errorCode: 0,
    highWatermark: 0n,
    lastStableOffset: 0n,
    logStartOffset: 0n,
    abortedTransactions: aborted.map(([producerId, firstOffset]) => ({ producerId, firstOffset })),
    preferredReadReplica: -1,
    records,
  };
}

const textsOf = (fetched: FetchedPartition, from = 0n) =>
  readPartition('chat', fetched, from).records.map(({ body }) => body.toString());
const ofTransaction = (offset: number, text: string, producerId: bigint) =>
  batch(offset, [text], { attributes: flags.transactional, producerId });

test('a record is known by topic, partition, offset and time, that of the broker where the broker stamps it', () => {
  const own = readPartition('chat', partition([batch(5, ['a', 'b'])]), 0n);
  assert.deepEqual(
    own.records.map(({ id }) => id),
    ['chat:3:5:1000', 'chat:3:6:1001'],
  );
  assert.equal(own.next, 7n);
  const stamped = readPartition('chat', partition([batch(5, ['a', 'b'], { attributes: flags.logAppendTime })]), 0n);
  assert.equal(stamped.records[1]?.id, 'chat:3:6:2000');
});

test('what lies before the offset asked for is left out of a batch that comes whole', () => {
  const { records, next } = readPartition('chat', partition([batch(5, ['a', 'b', 'c'])]), 7n);
  assert.deepEqual(
    records.map(({ offset }) => offset),
    [7n],
  );
  assert.equal(next, 8n);
});

test('a batch that lost its last records to compaction ends where it ended', () => {
  assert.equal(readPartition('chat', partition([batch(5, ['a'], { lastOffsetDelta: 9 })]), 0n).next, 15n);
});

test('a record without a value has an empty body', () => {
  assert.deepEqual(textsOf(partition([batch(0, [null])])), ['']);
});

test('nothing that was aborted is handed on, also where the marker is in the next answer or one producer aborts twice', () => {
  const records = [
    ofTransaction(0, 'kept', 1n),
    marker(1, 1n, commitMarker),
    ofTransaction(2, 'aborted', 1n),
    ofTransaction(3, 'of another', 2n),
    marker(4, 1n, abortMarker),
    ofTransaction(5, 'kept too', 1n),
    marker(6, 1n, commitMarker),
    ofTransaction(7, 'aborted again', 1n),
    batch(8, ['plain']),
  ];
  const aborted: [bigint, bigint][] = [
    [1n, 7n],
    [1n, 2n],
  ];
  assert.deepEqual(textsOf(partition(records, aborted)), ['kept', 'of another', 'kept too', 'plain']);
});

test('what was handed on is known when it comes again; other records under the same offsets are not', () => {
  const marks = new KafkaMarks();
  const read = (from: number, firstTimestamp: bigint, texts = ['a', 'b']) =>
    readPartition('chat', partition([batch(from, texts, { firstTimestamp })]), 0n).records;
  marks.add(read(10, 1000n));
  assert.deepEqual(
    read(10, 1000n).map((record) => marks.isKnown(record)),
    [true, true],
  );
  assert.deepEqual(
    read(11, 1001n).map((record) => marks.isKnown(record)),
    [true, false],
  );
  assert.deepEqual(
    read(10, 5000n).map((record) => marks.isKnown(record)),
    [false, false],
    'written after the end was lost',
  );
  assert.equal(marks.timestampOf(3), 1001n);
  marks.forget(3);
  assert.deepEqual(
    read(10, 1000n).map((record) => marks.isKnown(record)),
    [false, false],
  );
});
