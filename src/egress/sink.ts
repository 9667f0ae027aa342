export type SinkKind = 'http' | 'channel' | 'stream' | 'kafka' | 'rabbitmq';

/** What goes out, in one piece. */
export interface SinkRecord {
  /** Records of the same key keep their order (the key of a Kafka record). */
  readonly key: string;
  /** JSON text. */
  readonly body: string;
  /** Unique: given again when it is sent again (AMQP message-id, a field of the stream entry, header `id` elsewhere). */
  readonly id: string;
}

export interface SinkStatus {
  readonly state: 'connecting' | 'ready' | 'failing' | 'closed';
  /** Why not, for people; undefined in `ready`. */
  readonly failure: string | undefined;
}

/**
 * Where uplink requests and connection events go: an HTTP hook, a channel, a stream, a topic, a queue. Connects, and connects again, by itself.
 *
 * `send` resolves once the other side has taken all of them, in their order (`channel`: once Redis published them, whoever listened), and rejects with an `Error` whose message is for
 * the operator; then some of them may have arrived. It waits at most the sink's timeout, and does not try again: who sends decides.
 */
export interface Sink {
  readonly kind: SinkKind;
  readonly status: SinkStatus;
  send(records: readonly SinkRecord[]): Promise<void>;
  close(): Promise<void>;
  onState(listener: () => void): void;
}
