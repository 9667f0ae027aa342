import { kinds, measured, runBursts, startContestant, startOneWriteLike } from '../harness/contestant.ts';
import { absolute, ratioOf, side } from '../harness/measured.ts';
import { interleaved } from '../harness/pairs.ts';
import { openPostFlood } from '../harness/post-flood.ts';
import { profileOf } from '../harness/profile.ts';
import { type Row, scaled } from '../harness/row.ts';
import { perCore } from './p04-bursts-of-100.ts';

const inFlight = 32;
const warmUpMs = 500;
const delay = '10ms';

export const row: Row = {
  id: 'P19',
  scenario: 'one message per POST, 32 in flight, each to everyone, HTTP included, against the C program of P4',
  targets: [{ figure: 'perCore', what: 'deliveries per second of the server’s processor', limit: '≥ 0.2×' }],
  async run(bench) {
    const options = { lanes: inFlight, isSilent: true };
    await using yunque = await startContestant(bench, kinds.yunque, options);
    const delayedKind = { ...kinds.yunque, name: `yunque, ${delay} delay` };
    const delayedOptions = { ...options, args: [`groups.flushDelay=${delay}`] };
    await using delayed = await startContestant(bench, delayedKind, delayedOptions);
    using flood = openPostFlood(yunque.server.port, yunque.clients, 'hall', inFlight);
    using delayedFlood = openPostFlood(delayed.server.port, delayed.clients, 'hall', inFlight);
    for (const [one, posts] of [
      [yunque, flood],
      [delayed, delayedFlood],
    ] as const) {
      await one.clients.begin();
      await posts.run(warmUpMs);
      await one.clients.verify();
    }
    await using oneWrite = await startOneWriteLike(bench, yunque);
    const durationMs = 3000 * bench.scale;
    const load = { bursts: scaled(bench, 60), size: 100, window: 4 };
    const [ours = [], late = [], theirs = []] = await interleaved(bench, [yunque, delayed, oneWrite], (one) =>
      one === oneWrite
        ? runBursts(one, load)
        : measured(one, () => (one === yunque ? flood : delayedFlood).run(durationMs)),
    );
    const profile = await profileOf(bench, 'P19', yunque.server, () => measured(yunque, () => flood.run(durationMs)));
    const rates = (runs: typeof ours) => runs.map(({ deliveriesPerSecond }) => deliveriesPerSecond);
    const posts = rates(ours).map((rate) => rate / bench.clients);
    return {
      profile,
      figures: {
        perCore: ratioOf(side('yunque', '/s', perCore(ours)), side('C', '/s', perCore(theirs))),
        [`with groups.flushDelay: ${delay}, answered at once`]: ratioOf(
          side(delayedKind.name, '/s', perCore(late)),
          side('C', '/s', perCore(theirs)),
        ),
        'deliveries as they came': ratioOf(side('yunque', '/s', rates(ours)), side('C', '/s', rates(theirs))),
        'POSTs answered, each after its flush': absolute(side('yunque', '/s', posts)),
        'p99 from the POST to the client': absolute(
          side(
            'yunque',
            'ms',
            ours.map(({ p99Ms }) => p99Ms),
          ),
        ),
      },
    };
  },
};
