import type { RedisOptions } from '../../../backends/redis-options.ts';
import type { Source } from '../source.ts';

export interface StreamSourceOptions {
  readonly redis: RedisOptions;
  /** Made where it is missing, with its group. What is poison goes to the stream `<stream>.dead`. */
  readonly stream: string;
  /** Shared by all nodes, one of which reads. A new group begins with the first entry that is there. */
  readonly group: string;
  /** The name of this reader in the group: the id of the node. */
  readonly consumer: string;
  /** The door's name, which is written beside what is parked. */
  readonly door: string;
  /** After so long without a sign of the node that reads another takes over. Default 5000. */
  readonly leaseMs?: number;
  /** How often one that stands by tries to be the one that reads. Default 500. */
  readonly standbyTryMs?: number;
  /** How often Redis is asked how much waits. Default 3000. */
  readonly lagEveryMs?: number;
  /** Default 512. */
  readonly maxBatchRecords?: number;
  /** After it what cannot be parked is written into the log. Default 10,000. */
  readonly parkWithinMs?: number;
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
}

export function createStreamSource(_options: StreamSourceOptions): Source {
  throw new Error('queue doors of Redis Streams are not there yet');
}
