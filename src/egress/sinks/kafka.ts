import type { KafkaSasl, KafkaTls } from '../../backends/kafka.ts';
import type { Sink } from '../sink.ts';

export interface KafkaSinkOptions {
  /** `host:port`, one or more. */
  readonly brokers: readonly string[];
  readonly sasl?: KafkaSasl | undefined;
  /** Undefined: no TLS; an empty object: TLS with the authorities that Node knows. */
  readonly tls?: KafkaTls | undefined;
  /** Created with the broker's defaults where it is missing. */
  readonly topic: string;
  /** What Kafka's logs and quotas call this node. */
  readonly clientId: string;
  /** After it `send` rejects. Default 5000. */
  readonly timeoutMs?: number;
  /** Of what `send` was given and is not taken; beyond it `send` rejects. Default 16 MiB. */
  readonly maxWaitingBytes?: number;
}

export function createKafkaSink(_options: KafkaSinkOptions): Sink {
  throw new Error('sinks of Kafka are not there yet');
}
