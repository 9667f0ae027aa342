import type { DoorFigures } from '../../api/stats.ts';
import type { Config } from '../../config/schema.ts';
import { createDoor, type Door } from '../../ingress/queue/door.ts';
import { createExecute } from '../../routing/execute.ts';
import type { Seen } from '../../store/seen.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Core } from '../core.ts';
import type { Owned } from '../owned.ts';
import type { DoorPlan } from '../queue-servers.ts';
import { sourceOf } from './source-of.ts';

export interface QueueDoorOptions {
  readonly plans: readonly DoorPlan[];
  readonly limits: Config['limits'];
  readonly core: Core;
  readonly seen: Seen;
  readonly log: Logger;
}

/** The queues that this node reads. */
export interface QueueDoors {
  figures(): readonly DoorFigures[];
  /** In words; empty where all are well. */
  readonly troubles: readonly string[];
  start(): void;
  /** Reads no more, so that another node does; what is under way is handed on and acknowledged. */
  leave(): Promise<void>;
}

/** Puts the doors together; `start` lets them read. */
export function createQueueDoors({ plans, limits, core, seen, log }: QueueDoorOptions, owned: Owned): QueueDoors {
  const warn = (fields: Readonly<Record<string, unknown>>, text: string) => log.warn(fields, text);
  // Pub/sub reaches every node: each delivers to its own.
  const here = createExecute(core);
  const doors = plans.map((plan): Door => {
    const { name, type, system, trusted } = plan;
    return createDoor({
      name,
      source: sourceOf(plan, { nodeId: core.nodeId, warn }),
      system,
      trusted,
      execute: type === 'channel' ? here : core.execute,
      seen,
      systemExists: (asked) => core.systems.has(asked),
      newMessageId: core.newMessageId,
      log,
      limits: {
        recordBytes: limits.bodyBytes,
        batch: limits.batch,
        idBytes: limits.idBytes,
        jsonDepth: limits.jsonDepth,
      },
    });
  });
  const leave = async () => {
    await Promise.all(doors.map((door) => door.close()));
  };
  owned.add('the queue doors', leave);
  return {
    figures: () => doors.map((door) => door.figures()),
    get troubles() {
      return doors.flatMap((door) => {
        const { name, state, failure } = door.figures();
        return state === 'failing' ? [`door ${name} does not read: ${failure ?? 'no reason known'}`] : [];
      });
    },
    start() {
      for (const door of doors) door.start();
    },
    leave,
  };
}
