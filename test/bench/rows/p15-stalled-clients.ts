import { kinds, startContestant } from '../harness/contestant.ts';
import { absolute, ratioOf, side } from '../harness/measured.ts';
import type { Row } from '../harness/row.ts';
import { soundPairs } from '../harness/sound-pairs.ts';
import { StalledClients } from '../harness/stalled-clients.ts';
import { isStarved, starvedNotes, starvedWhy } from '../harness/starved.ts';
import { runSteadily } from '../harness/steady.ts';
import type { ServerMemory } from '../peers/burst-server.ts';

const stalledShare = 0.05;
/** `outbox.maxBytes` as it is when nobody sets it. */
const capBytes = 2 ** 20;
/** As much as leaves room for what the runs add: nobody is sent away, and the server has to keep it all. */
const fillBytes = 0.8 * capBytes;
const deliveriesPerSecond = 40_000;

export const row: Row = {
  id: 'P15',
  scenario: '5 % more clients that read nothing, their queues full: the others, and the memory',
  targets: [
    { figure: 'p99', what: 'p99 of those that read, against a server without', limit: '≤ 1.3×' },
    {
      figure: 'memory',
      what: 'heap and buffers after a collection, of stalled clients × outbox.maxBytes',
      limit: '≤ 1×',
    },
  ],
  async run(bench) {
    const options = { execArgv: ['--expose-gc'], args: ['outbox.maxAge=10m'] };
    await using crowded = await startContestant(bench, kinds.yunque, options);
    await using alone = await startContestant(bench, kinds.yunque, options);
    const { server } = crowded;
    const stalled = Math.max(1, Math.round(bench.clients * stalledShare));
    const before = await server.memory();
    using clients = await StalledClients.open(server.port, stalled);
    await server.join(clients.ids);
    await server.fill(clients.ids, fillBytes);
    const held: number[] = [];
    const grown: number[] = [];
    const steady = { deliveriesPerSecond, forMs: 5000 * bench.scale };
    const run = async (one: typeof crowded, isWarmUp: boolean) => {
      const figures = await runSteadily(one, steady);
      if (one === crowded && !isWarmUp) {
        const after = await server.memory();
        held.push((heldBytes(after) - heldBytes(before)) / (stalled * capBytes));
        grown.push((after.rssBytes - before.rssBytes) / 1e6);
      }
      return figures;
    };
    const { results, unsound } = await soundPairs(bench, [crowded, alone], {
      run,
      isSound: (figures) => !isStarved(figures),
      why: starvedWhy,
    });
    const { connected, waitingBytes } = await server.fill(clients.ids, 0);
    if (connected < stalled) throw new Error(`${stalled - connected} of ${stalled} stalled clients were sent away`);
    const [withStalled = [], without = []] = results.map((runs) => runs.map(({ p99Ms }) => p99Ms));
    return {
      figures: {
        p99: ratioOf(side('5 % stalled', 'ms', withStalled), side('none', 'ms', without)),
        memory: absolute(side('heap and buffers', '×', held)),
        'waiting in their queues': absolute(side('waiting', 'MB', [waitingBytes / 1e6])),
        'RSS it grew by': absolute(side('RSS', 'MB', grown)),
      },
      notes: starvedNotes(unsound),
    };
  },
};

function heldBytes({ heapBytes, externalBytes }: ServerMemory): number {
  return heapBytes + externalBytes;
}
