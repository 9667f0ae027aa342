import type { Config } from '../../config/schema.ts';
import { type ConnectionEvents, createConnectionEvents } from '../../egress/events/connection-events.ts';
import type { Sequences } from '../../egress/events/sequences.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Core } from '../core.ts';
import type { Owned } from '../owned.ts';
import type { SinkPlan } from '../queue-servers.ts';
import { sinkOf } from './sink-of.ts';

export interface ConnectionEventsSetup {
  readonly plans: readonly SinkPlan[];
  readonly settings: Config['events'];
  readonly core: Core;
  readonly sequences: Sequences;
  readonly incarnation: number;
  /** Ids of the nodes that are alive; absent: it is alone. */
  readonly members?: (() => readonly string[]) | undefined;
  readonly log: Logger;
}

/** What waits when a node ends has so long to be taken. */
const flushMs = 3000;

/** Undefined: nobody is to be told. */
export function openConnectionEvents(setup: ConnectionEventsSetup, owned: Owned): ConnectionEvents | undefined {
  const { plans, settings, core, sequences, incarnation, members, log } = setup;
  if (plans.length === 0) return undefined;
  const { nodeId, events } = core;
  const told = createConnectionEvents({
    sinks: plans.map(({ types, to }) => ({ name: to.name, sink: sinkOf(to, nodeId), types, systems: to.systems })),
    ...{ events, sequences, node: nodeId, incarnation, log },
    ...(members && { members }),
    maxBytes: settings.queueBytes,
  });
  owned.add('connection events', async () => {
    await told.flush(flushMs);
    await told.close();
  });
  return told;
}
