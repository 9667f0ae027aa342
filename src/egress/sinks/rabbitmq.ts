import type { RabbitTls } from '../../backends/rabbitmq.ts';
import type { Sink } from '../sink.ts';

/** A queue is declared as `durable` where it is missing; one that is there is used as it is. An exchange has to be there. */
export type RabbitPlace = { readonly queue: string } | { readonly exchange: string; readonly routingKey: string };

export interface RabbitSinkOptions {
  /** `amqp:` or `amqps:`, with user, password and virtual host where they are needed. */
  readonly url: string;
  readonly tls?: RabbitTls | undefined;
  readonly to: RabbitPlace;
  /** What the server's lists call the connection, such as the id of the node. */
  readonly clientId: string;
  /** Default 10. */
  readonly heartbeatSeconds?: number;
  /** After it `send` rejects. Default 5000. */
  readonly timeoutMs?: number;
  /** Of what `send` was given and is not confirmed; beyond it `send` rejects. Default 16 MiB. */
  readonly maxWaitingBytes?: number;
}

export function createRabbitSink(_options: RabbitSinkOptions): Sink {
  throw new Error('sinks of RabbitMQ are not there yet');
}
