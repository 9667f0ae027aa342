import type { ClusteredNode } from '../../routing/cluster/clustered-node.ts';
import type { RedisStores } from '../../store/redis/stores.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Owned } from '../owned.ts';

export interface LearntChangesOptions {
  readonly stores: Pick<RedisStores, 'onLearnt'>;
  readonly clustered: Pick<ClusteredNode, 'endBanned' | 'endSystem'>;
  readonly log: Logger;
  /** How long the node that did something has to ask this one for what follows from it. */
  readonly askedWithinMs: number;
}

/**
 * Connections end here that a ban or the removal of a system was to end: at once where it is learnt late, because this node was cut off or stood still; where
 * its node told of it and asks for the end itself, and counts what it ended, those that are left when it has had its time.
 */
export function endWhatIsLearnt({ stores, clustered, log, askedWithinMs }: LearntChangesOptions, owned: Owned): void {
  const timers = new Set<NodeJS.Timeout>();
  const end = async (what: Readonly<Record<string, unknown>>, work: () => Promise<number>) => {
    try {
      const closed = await work();
      if (closed > 0) log.warn({ ...what, closed }, 'learnt late: connections are closed now');
    } catch (error) {
      log.error({ ...what, err: error }, 'connections that are to end were not closed');
    }
  };
  const inTime = (isTold: boolean, work: () => void) => {
    if (!isTold) return work();
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, askedWithinMs).unref();
    timers.add(timer);
  };
  stores.onLearnt({
    onSystemRemoved: (system, isTold) =>
      inTime(isTold, () => void end({ system, removed: true }, () => clustered.endSystem(system))),
    onBanned: (bans, isTold) =>
      inTime(isTold, () => {
        for (const { system, uid } of bans) void end({ system, uid }, () => clustered.endBanned(system, uid));
      }),
  });
  owned.add('what others did late', () => {
    for (const timer of timers) clearTimeout(timer);
  });
}
