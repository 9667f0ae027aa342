import type { RabbitTls } from '../../../backends/rabbitmq.ts';
import type { Source } from '../source.ts';

export interface RabbitSourceOptions {
  /** `amqp:` or `amqps:`, with user, password and virtual host where they are needed. */
  readonly url: string;
  readonly tls?: RabbitTls | undefined;
  /** Declared plainly, as `durable`, where it is missing; one that is there is used as it is. What is poison goes to `<queue>.dead`. */
  readonly queue: string;
  /** The door's name, which is written beside what is parked. */
  readonly door: string;
  /** What the server's lists call the connections and the consumer, such as the id of the node. */
  readonly clientId: string;
  /** Default 10. */
  readonly heartbeatSeconds?: number;
  /** How often one that stands by tries to be the one that reads. Default 1000. */
  readonly standbyTryMs?: number;
  /** How often the server is asked how much waits. Default 3000. */
  readonly lagEveryMs?: number;
  /** After it what cannot be parked is written into the log. Default 10,000. */
  readonly parkWithinMs?: number;
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
}

export function createRabbitSource(_options: RabbitSourceOptions): Source {
  throw new Error('queue doors of RabbitMQ are not there yet');
}
