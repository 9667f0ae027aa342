import type { Source } from '../../ingress/queue/source.ts';
import { createChannelSource } from '../../ingress/queue/sources/channel.ts';
import { createKafkaSource } from '../../ingress/queue/sources/kafka.ts';
import { createRabbitSource } from '../../ingress/queue/sources/rabbitmq.ts';
import { createStreamSource } from '../../ingress/queue/sources/stream.ts';
import type { DoorPlan } from '../queue-servers.ts';

export interface SourceSetup {
  readonly nodeId: string;
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
}

/** What a door of the configuration reads from; connects to nothing yet. */
export function sourceOf(plan: DoorPlan, { nodeId, warn }: SourceSetup): Source {
  const { name: door, reads, group } = plan;
  switch (plan.type) {
    case 'channel':
      return createChannelSource({ redis: plan.redis, channel: reads, door, warn });
    case 'stream':
      return createStreamSource({ redis: plan.redis, stream: reads, group, consumer: nodeId, door, warn });
    case 'kafka':
      return createKafkaSource({ ...plan.kafka, topic: reads, group, clientId: nodeId, door, warn });
    case 'rabbitmq':
      return createRabbitSource({ ...plan.rabbitmq, queue: reads, clientId: nodeId, door, warn });
    default:
      return plan satisfies never;
  }
}
