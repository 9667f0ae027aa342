import { kinds, measured, runBursts, startContestant, startOneWriteLike } from '../harness/contestant.ts';
import { absolute, ratioOf, side } from '../harness/measured.ts';
import { interleaved } from '../harness/pairs.ts';
import { openPostFlood } from '../harness/post-flood.ts';
import { profileOf } from '../harness/profile.ts';
import { type Row, scaled } from '../harness/row.ts';
import { perCore } from './p04-bursts-of-100.ts';

const inFlight = 32;
const warmUpMs = 500;

export const row: Row = {
  id: 'P19',
  scenario: 'one message per POST, 32 in flight, each to everyone, HTTP included, against the C program of P4',
  targets: [{ figure: 'perCore', what: 'deliveries per second of the server’s processor', limit: '≥ 0.2×' }],
  async run(bench) {
    await using yunque = await startContestant(bench, kinds.yunque, { lanes: inFlight, isSilent: true });
    using flood = openPostFlood(yunque.server.port, yunque.clients, 'hall', inFlight);
    await yunque.clients.begin();
    await flood.run(warmUpMs);
    await yunque.clients.verify();
    await using oneWrite = await startOneWriteLike(bench, yunque);
    const durationMs = 3000 * bench.scale;
    const load = { bursts: scaled(bench, 60), size: 100, window: 4 };
    const [ours = [], theirs = []] = await interleaved(bench, [yunque, oneWrite], (one) =>
      one === yunque ? measured(one, () => flood.run(durationMs)) : runBursts(one, load),
    );
    const profile = await profileOf(bench, 'P19', yunque.server, () => measured(yunque, () => flood.run(durationMs)));
    const rates = (runs: typeof ours) => runs.map(({ deliveriesPerSecond }) => deliveriesPerSecond);
    const posts = rates(ours).map((rate) => rate / bench.clients);
    return {
      profile,
      figures: {
        perCore: ratioOf(side('yunque', '/s', perCore(ours)), side('C', '/s', perCore(theirs))),
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
