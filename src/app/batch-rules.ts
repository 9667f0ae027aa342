import type { Config } from '../config/schema.ts';
import type { BatchRules } from '../registry/audience.ts';

/** How the messages of a group, or without one of a whole system, are collected; follows reloads. */
export function batchRules({ groups, systems }: Pick<Config, 'groups' | 'systems'>, group?: string): BatchRules {
  return {
    get delayMs() {
      return group === undefined ? systems.flushDelayMs : flushDelayOf(groups, group);
    },
    get maxBytes() {
      return groups.batchBytes;
    },
  };
}

function flushDelayOf({ flushDelayMs, flushDelays }: Config['groups'], group: string): number {
  for (const [name, delayMs] of Object.entries(flushDelays)) {
    if (name.endsWith('*') ? group.startsWith(name.slice(0, -1)) : group === name) return delayMs;
  }
  return flushDelayMs;
}
