import { randomUUID } from 'node:crypto';
import { type Channel, connect } from 'amqplib';
import { RabbitBus, type RabbitBusOptions } from '../../src/bus/engines/rabbitmq.ts';
import { listen } from './bus-load.ts';
import type { Scope } from './services/scope.ts';

export interface RabbitNode {
  readonly bus: RabbitBus;
  readonly heard: number[];
  readonly figure: (name: string) => number;
}

export interface RabbitPlace {
  readonly url: string;
  readonly exchange: string;
}

/** A cluster of its own on a server. */
export function rabbitPlace(url: string): RabbitPlace {
  return { url, exchange: `test-${randomUUID()}` };
}

/** A bus that has started, and closes with the scope. */
export async function startRabbitNode(
  scope: Scope,
  place: RabbitPlace,
  nodeId: string,
  options: Partial<RabbitBusOptions> = {},
): Promise<RabbitNode> {
  const bus = new RabbitBus({ ...place, nodeId, ...options });
  const { heard, onMessage } = listen();
  scope.after(() => bus.close());
  await bus.start(onMessage);
  return { bus, heard, figure: (name) => bus.figures()[name] ?? Number.NaN };
}

/** A stranger's channel, to do things behind a bus' back. */
export async function openRabbitChannel(scope: Scope, url: string): Promise<Channel> {
  const connection = await connect(url);
  connection.on('error', () => {});
  scope.after(() => connection.close().catch(() => {}));
  const channel = await connection.createChannel();
  channel.on('error', () => {});
  return channel;
}
