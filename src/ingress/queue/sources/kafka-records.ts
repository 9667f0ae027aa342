import type { Consumer } from '@platformatic/kafka';
import { isStandIn, tooLargeReason } from '../../../backends/kafka-compression.ts';
import type { QueueRecord } from '../source.ts';

export interface KafkaQueueRecord extends QueueRecord {
  readonly partition: number;
  readonly offset: bigint;
  /** Milliseconds. */
  readonly timestamp: bigint;
  readonly leaderEpoch: number;
  readonly raw: KafkaRecord;
}

export type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>;
export type FetchedPartition = FetchResponse['responses'][number]['partitions'][number];
type Batch = NonNullable<FetchedPartition['records']>[number];
type KafkaRecord = Batch['records'][number];

/** Attributes of a batch: KIP-98. */
const attributes = { logAppendTime: 0x08, transactional: 0x10, control: 0x20 };
const abortMarker = 0;

/**
 * What one partition of an answer holds from this offset on, and the offset behind all of it: what was aborted and what only Kafka reads is left out.
 *
 * The library leaves in what was aborted where an answer ends before the marker of it, or has several of one producer.
 */
export function readPartition(
  topic: string,
  { partitionIndex: partition, records: batches, abortedTransactions }: FetchedPartition,
  from: bigint,
): { readonly records: KafkaQueueRecord[]; readonly next: bigint } {
  const records: KafkaQueueRecord[] = [];
  const isAborted = createAbortedFilter(abortedTransactions ?? []);
  let next = from;
  for (const batch of batches ?? []) {
    const behind = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
    const isLeftOut = isAborted(batch, behind - 1n);
    if (behind > next) next = behind;
    if (isLeftOut || (batch.attributes & attributes.control) !== 0) continue;
    for (const raw of batch.records) {
      const offset = batch.firstOffset + BigInt(raw.offsetDelta);
      // A compressed batch comes whole, though it is asked for from its middle on.
      if (offset < from) continue;
      const isStamped = (batch.attributes & attributes.logAppendTime) !== 0;
      const timestamp = isStamped ? batch.maxTimestamp : batch.firstTimestamp + raw.timestampDelta;
      const id = `${topic}:${partition}:${offset}:${timestamp}`;
      const headers = headersOf(raw);
      const body = raw.value ?? Buffer.alloc(0);
      const place = { partition, offset, timestamp, leaderEpoch: batch.partitionLeaderEpoch, raw };
      if (isStandIn(raw.value)) {
        // One stands for all of the batch.
        records.push({ id, body: Buffer.alloc(0), defect: tooLargeReason, ...place });
        break;
      }
      records.push(headers === undefined ? { id, body, ...place } : { id, body, headers, ...place });
    }
  }
  return { records, next };
}

/** The marker of an abort ends what began with the first offset of it. */
function createAbortedFilter(aborted: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[]) {
  const coming = [...aborted].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const open = new Set<bigint>();
  return (batch: Batch, lastOffset: bigint): boolean => {
    for (let first = coming[0]; first !== undefined && first.firstOffset <= lastOffset; first = coming[0]) {
      open.add(first.producerId);
      coming.shift();
    }
    if ((batch.attributes & attributes.control) !== 0) {
      if (batch.records[0]?.key?.readInt16BE(2) === abortMarker) open.delete(batch.producerId);
      return true;
    }
    return (batch.attributes & attributes.transactional) !== 0 && open.has(batch.producerId);
  };
}

function headersOf({ headers }: KafkaRecord): QueueRecord['headers'] {
  let found: { system?: string; idempotencyKey?: string } | undefined;
  for (const [name, value] of headers) {
    const key = name?.toString();
    if ((key === 'system' || key === 'idempotencyKey') && value !== null) {
      found ??= {};
      found[key] = value.toString();
    }
  }
  return found;
}
