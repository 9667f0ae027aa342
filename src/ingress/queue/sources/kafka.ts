import type { KafkaSasl, KafkaTls } from '../../../backends/kafka.ts';
import type { Source } from '../source.ts';

export interface KafkaSourceOptions {
  /** `host:port`, one or more. */
  readonly brokers: readonly string[];
  readonly sasl?: KafkaSasl | undefined;
  /** Undefined: no TLS; an empty object: TLS with the authorities that Node knows. */
  readonly tls?: KafkaTls | undefined;
  /** Created with the broker's defaults where it is missing. What is poison goes to `<topic>.dead`. */
  readonly topic: string;
  /** Shared by all nodes: each partition is read by one of them. A new group begins with the earliest record. */
  readonly group: string;
  /** What Kafka's logs, quotas and lists of members call this node. */
  readonly clientId: string;
  /** The door's name, which is written beside what is parked. */
  readonly door: string;
  /** After so long without a sign of life the partitions of a node are given to others. Default 10,000. */
  readonly sessionTimeoutMs?: number;
  /** How often Kafka is asked how much waits. Default 3000. */
  readonly lagEveryMs?: number;
  /** After it what cannot be parked is written into the log. Default 10,000. */
  readonly parkWithinMs?: number;
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
}

export function createKafkaSource(_options: KafkaSourceOptions): Source {
  throw new Error('queue doors of Kafka are not there yet');
}
