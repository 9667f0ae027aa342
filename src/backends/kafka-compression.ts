import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { compressionsAlgorithms } from '@platformatic/kafka';

/** Bytes of a compressed batch once it is decompressed: producers make batches of 1 MiB, and the little that Kafka takes can become many GB. */
const mostBytes = 64 * 1024 * 1024;
/** Of one of those that are larger. */
const mostRecords = 200_000;

/** What the records of a batch that is not decompressed hold. Whoever writes it himself says the same of his own. */
const standInText = Buffer.from('\u0000the batch of this record is not decompressed');
export const tooLargeReason = `its compressed batch has more than ${mostBytes} bytes once it is decompressed`;

export function isStandIn(value: Buffer | null): boolean {
  return value?.equals(standInText) === true;
}

/**
 * The library decompresses whatever comes, in one piece: from now on a batch that would be too large is read as one of records that `isStandIn` tells, since
 * a fetch that fails would fail for ever. One with too many records makes it fail.
 */
export function boundDecompression(algorithms: typeof compressionsAlgorithms): void {
  const { gzip, zstd, lz4, snappy } = algorithms as Algorithms;
  if (gzip.isBounded === true) return;
  gzip.isBounded = true;
  gzip.decompressSync = orStandIn((data) => gunzipSync(data, { maxOutputLength: mostBytes }));
  zstd.decompressSync = orStandIn((data) => zstdDecompressSync(data, { maxOutputLength: mostBytes }));
  // These two cannot grow to more than 255 times of what Kafka takes.
  for (const algorithm of [lz4, snappy]) algorithm.decompressSync = orStandIn(algorithm.decompressSync);
}

type Decompress = (typeof compressionsAlgorithms)['gzip']['decompressSync'];
type Algorithms = Record<'gzip' | 'zstd' | 'lz4' | 'snappy', { decompressSync: Decompress; isBounded?: boolean }>;

function orStandIn(decompress: (data: Buffer) => Buffer): Decompress {
  return (data) => {
    try {
      const bytes = decompress(Buffer.isBuffer(data) ? data : data.buffer);
      return bytes.length <= mostBytes ? bytes : standIns();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return standIns();
      throw error;
    }
  };
}

/** Records of magic 2: length, attributes, time, offset, no key, value, no headers; numbers are twice what they are. */
function standIns(): Buffer {
  const rest = Buffer.concat([Buffer.from([0, 0, 0, 1, 2 * standInText.length]), standInText, Buffer.from([0])]);
  const record = Buffer.concat([Buffer.from([2 * rest.length]), rest]);
  return Buffer.alloc(mostRecords * record.length, record);
}
