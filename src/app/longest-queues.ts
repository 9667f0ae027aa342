import type { Connection } from '../registry/connection.ts';

/** A queue that is not worth closing for. */
const shortBytes = 16 * 1024;

/**
 * Closes (4008) those with the longest queues, until half of all that waits in queues longer than 16 KiB belonged to them. Answers
 * how many.
 */
export function closeLongestQueues(connections: readonly Connection[]): number {
  const queues = connections
    .map((connection) => ({ connection, bytes: connection.queueBytes }))
    .filter(({ bytes }) => bytes > shortBytes)
    .sort((a, b) => b.bytes - a.bytes);
  let left = queues.reduce((sum, { bytes }) => sum + bytes, 0) / 2;
  let closed = 0;
  for (const { connection, bytes } of queues) {
    if (left <= 0) break;
    left -= bytes;
    closed += 1;
    connection.close('slow_consumer', 'the node is short of memory, and this queue was among the longest');
  }
  return closed;
}
