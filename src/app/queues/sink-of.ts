import type { Sink } from '../../egress/sink.ts';
import { createChannelSink } from '../../egress/sinks/channel.ts';
import { createHttpSink } from '../../egress/sinks/http.ts';
import { createKafkaSink } from '../../egress/sinks/kafka.ts';
import { createRabbitSink } from '../../egress/sinks/rabbitmq.ts';
import { createStreamSink } from '../../egress/sinks/stream.ts';
import type { DestinationPlan } from '../queue-servers.ts';

/** A hook has so long to take connection events where its entry does not say. */
const hookTimeoutMs = 5000;

/** Where the configuration sends something; begins to connect. */
export function sinkOf(to: DestinationPlan, nodeId: string): Sink {
  switch (to.type) {
    case 'http':
      return createHttpSink({ url: to.url, secret: to.secret, timeoutMs: to.timeoutMs ?? hookTimeoutMs });
    case 'channel':
      return createChannelSink({ redis: to.redis, channel: to.channel });
    case 'stream': {
      const { redis, stream, maxLength } = to;
      return createStreamSink({ redis, stream, ...(maxLength !== undefined && { maxLength }) });
    }
    case 'kafka':
      return createKafkaSink({ ...to.kafka, topic: to.topic, clientId: nodeId });
    case 'rabbitmq':
      return createRabbitSink({ ...to.rabbitmq, to: to.to, clientId: nodeId });
    default:
      return to satisfies never;
  }
}
