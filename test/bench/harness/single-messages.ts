import { kinds, type RunFigures, runBursts, startContestant } from './contestant.ts';
import { interleaved } from './pairs.ts';
import { type ProfileNode, profileOf } from './profile.ts';
import { type Bench, scaled } from './row.ts';

export interface SingleMessages {
  readonly profile: ProfileNode;
  readonly yunque: readonly RunFigures[];
  readonly naiveWs: readonly RunFigures[];
  readonly socketIo: readonly RunFigures[];
}

/** One message a turn, the next when it has arrived everywhere; P1 and P2 are two readings of it. */
export function singleMessages(bench: Bench): Promise<SingleMessages> {
  return bench.once('single messages', async () => {
    await using yunque = await startContestant(bench, kinds.yunque);
    await using naive = await startContestant(bench, kinds.naiveWs);
    await using socketIo = await startContestant(bench, kinds.socketIo);
    const load = { bursts: scaled(bench, 150), size: 1, window: 1 };
    const results = await interleaved(bench, [yunque, naive, socketIo], (one) => runBursts(one, load));
    const profile = await profileOf(bench, 'P1-P2', yunque.server, () => runBursts(yunque, load));
    return { profile, yunque: results[0] ?? [], naiveWs: results[1] ?? [], socketIo: results[2] ?? [] };
  });
}

export function cpuOf(runs: readonly RunFigures[]): number[] {
  return runs.map(({ cpuMicrosPerDelivery }) => cpuMicrosPerDelivery);
}
