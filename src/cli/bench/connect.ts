import { setTimeout as delay } from 'node:timers/promises';
import { createClock } from '../../load/clock.ts';
import { createMagic } from '../../load/marker.ts';
import type { CliContext } from '../context.ts';
import { createLiveProgress } from '../output/live-progress.ts';
import { planClients, requireDescriptors } from './clients.ts';
import { mostFrequent, openCrowd } from './crowd.ts';
import type { ClientFlags } from './flags.ts';
import { registerSystem } from './groups.ts';
import { findPlace } from './place.ts';
import { report } from './report.ts';
import { connectResult } from './result.ts';

/** Connects and binds at a rate or as fast as it goes, holds the connections, and says who stayed. */
export async function runConnectBench(context: CliContext, flags: ClientFlags): Promise<void> {
  const signal = context.endingSignal();
  requireDescriptors(flags.clients);
  await using place = await findPlace(context, flags);
  if (flags.httpUrl !== undefined && flags.dialect === 'json' && context.globals.system === undefined)
    await registerSystem(place);
  const clock = createClock();
  const epochMs = clock();
  const progress = createLiveProgress(context);
  const nobody = Array.from({ length: flags.clients }, () => -1);
  const { plans } = await planClients(context, flags, place, nobody);
  const magic = createMagic(Math.random);
  const crowd = await openCrowd(context, {
    place,
    flags,
    plans,
    lanes: 1,
    magic,
    epochMs,
    perSecond: flags.rate,
    progress,
    signal,
  });
  await using receivers = crowd.receivers;
  const loads = (await receivers.loads()).map(({ utilization }) => utilization);
  const holdFrom = clock();
  using shown = progress.follow(() => {
    const { ready, closed } = receivers.counts();
    return [(clock() - holdFrom) / flags.duration, context.text.line.benchHolding(ready - closed)];
  });
  await Promise.race([delay(flags.duration, undefined, { signal }).catch(() => {}), receivers.failed]);
  shown[Symbol.dispose]();
  const none = { counts: new Uint32Array(0), uncertain: new Map() };
  const { closes } = await receivers.judge(none);
  const result = connectResult({ flags, crowd, counts: receivers.counts(), closes, loads });
  await report(context, result, {
    assertions: flags.assert ?? [],
    isInterrupted: signal.aborted,
    failure: mostFrequent(crowd.opened.failures),
  });
  if (signal.aborted) context.exitCode = context.interruptedExit;
}
