import { randomUUID } from 'node:crypto';
import { Admin } from '@platformatic/kafka';
import { KafkaBus, type KafkaBusOptions } from '../../src/bus/engines/kafka.ts';
import { listen } from './bus-load.ts';
import type { Scope } from './services/scope.ts';

export interface KafkaNode {
  readonly bus: KafkaBus;
  readonly heard: number[];
  readonly warnings: string[];
  readonly figure: (name: string) => number;
}

export interface KafkaPlace {
  readonly brokers: readonly string[];
  readonly topic: string;
}

/** A cluster of its own on a broker. */
export function kafkaPlace(broker: string): KafkaPlace {
  return { brokers: [broker], topic: `test-${randomUUID()}` };
}

/** A bus that has started, and closes with the scope. */
export async function startKafkaNode(
  scope: Scope,
  place: KafkaPlace,
  nodeId: string,
  options: Partial<KafkaBusOptions> = {},
): Promise<KafkaNode> {
  const warnings: string[] = [];
  const warn = (_: unknown, text: string) => void warnings.push(text);
  const bus = new KafkaBus({ ...place, group: `${place.topic}-${nodeId}`, warn, ...options });
  const { heard, onMessage } = listen();
  scope.after(() => bus.close());
  await bus.start(onMessage);
  return { bus, heard, warnings, figure: (name) => bus.figures()[name] ?? Number.NaN };
}

export function openKafkaAdmin(scope: Scope, broker: string): Admin {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker], retries: 10, retryDelay: 200 });
  scope.after(() => admin.close());
  return admin;
}
