import type { DoorFigures, SinkFigures } from '../../api/stats.ts';
import type { Config } from '../../config/schema.ts';
import type { ConnectionEvents } from '../../egress/events/connection-events.ts';
import type { Uplink } from '../../egress/uplink/uplink.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Core } from '../core.ts';
import type { Owned } from '../owned.ts';
import { planQueues } from '../queue-servers.ts';
import { openConnectionEvents } from './connection-events.ts';
import type { Marks } from './marks.ts';
import { createQueueDoors } from './queue-doors.ts';
import { openUplink } from './uplink.ts';

export interface QueuesSetup {
  readonly config: Config;
  readonly core: Core;
  readonly marks: Marks;
  readonly incarnation: number;
  readonly members?: (() => readonly string[]) | undefined;
  readonly log: Logger;
}

/** What a node reads beside its ports, and where it sends to: queue doors, requests of clients, connection events. */
export interface Queues {
  readonly uplink: Uplink;
  readonly events: ConnectionEvents | undefined;
  doors(): readonly DoorFigures[];
  sinks(): readonly SinkFigures[];
  /** In words; empty where all is well. */
  readonly troubles: readonly string[];
  /** The doors begin to read. */
  start(): void;
  /** The doors read no more. */
  leave(): Promise<void>;
}

/** Throws `StartError` (78) where a file that the configuration names cannot be used. */
export function openQueues({ config, core, marks, log, ...node }: QueuesSetup, owned: Owned): Queues {
  const plans = planQueues({ config, warn: (line) => log.warn(line) });
  const { seen, sequences } = marks;
  const events = openConnectionEvents(
    { plans: plans.sinks, settings: config.events, core, sequences, log, ...node },
    owned,
  );
  const uplink = openUplink({ plans: plans.routes, settings: config.uplink, core, log }, owned);
  const doors = createQueueDoors({ plans: plans.doors, limits: config.limits, core, seen, log }, owned);
  const sinks = () => [...uplink.figures(), ...(events?.figures() ?? [])];
  return {
    uplink,
    events,
    doors: () => doors.figures(),
    sinks,
    get troubles() {
      const down = sinks().filter(({ state }) => state === 'failing');
      return [
        ...doors.troubles,
        ...down.map(({ name, use, failure }) => `${use} to ${name} does not work: ${failure ?? 'no reason known'}`),
      ];
    },
    start: () => doors.start(),
    leave: () => doors.leave(),
  };
}
