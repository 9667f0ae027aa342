import { type Contestant, kinds, startContestant } from '../harness/contestant.ts';
import { absolute, ratioOf, side } from '../harness/measured.ts';
import { interleaved } from '../harness/pairs.ts';
import type { Bench, Row } from '../harness/row.ts';
import type { NodeServer } from '../harness/server.ts';
import { StalledClients } from '../harness/stalled-clients.ts';
import { runSteadily, type Steady } from '../harness/steady.ts';
import type { ServerMemory } from '../peers/burst-server.ts';

const stalledShare = 0.05;
/** `outbox.maxBytes` as it is when nobody sets it. */
const capBytes = 2 ** 20;
/** So full that a moment later nobody is sent away for it, and the server has to keep it all. */
const fillBytes = 0.9 * capBytes;
const deliveriesPerSecond = 40_000;

export const row: Row = {
  id: 'P15',
  scenario: '5 % more clients that read nothing, their queues full: the others, and the memory',
  targets: [
    { figure: 'p99', what: 'p99 of those that read, against a run without', limit: '≤ 1.3×' },
    {
      figure: 'memory',
      what: 'heap and buffers after a collection, of stalled clients × outbox.maxBytes',
      limit: '≤ 1×',
    },
  ],
  async run(bench) {
    const execArgv = ['--expose-gc'];
    await using crowded = await startContestant(bench, kinds.yunque, { execArgv });
    await using alone = await startContestant(bench, kinds.yunque, { execArgv });
    const before = await crowded.server.memory();
    const steady = { deliveriesPerSecond, forMs: 3000 * bench.scale };
    const [withStalled = [], without = []] = await interleaved(bench, [crowded, alone], async (one) =>
      one === crowded ? runWithStalled(one, bench, steady, before) : { ...(await runSteadily(one, steady)), ...nobody },
    );
    const p99 = (runs: readonly { p99Ms: number }[]) => runs.map(({ p99Ms }) => p99Ms);
    const shares = withStalled.map(({ heldBytes, stalled }) => heldBytes / (stalled * capBytes));
    return {
      figures: {
        p99: ratioOf(side('5 % stalled', 'ms', p99(withStalled)), side('none', 'ms', p99(without))),
        memory: absolute(side('heap and buffers', '×', shares)),
        'waiting in their queues': absolute(
          side(
            'waiting',
            'MB',
            withStalled.map((run) => run.waitingBytes / 1e6),
          ),
        ),
        'RSS it grew by': absolute(
          side(
            'RSS',
            'MB',
            withStalled.map((run) => run.grownBytes / 1e6),
          ),
        ),
      },
    };
  },
};

const nobody = { stalled: 0, waitingBytes: 0, heldBytes: 0, grownBytes: 0 };

/** New ones each time, members of the group like all, and gone at its end. */
async function runWithStalled(one: Contestant<NodeServer>, bench: Bench, steady: Steady, before: ServerMemory) {
  const stalled = Math.max(1, Math.round(bench.clients * stalledShare));
  using clients = await StalledClients.open(one.server.port, stalled);
  await one.server.join(clients.ids);
  const { connected, waitingBytes } = await one.server.fill(clients.ids, fillBytes);
  if (connected < stalled)
    throw new Error(`${stalled - connected} of ${stalled} stalled clients were sent away too early`);
  const run = await runSteadily(one, steady);
  const after = await one.server.memory();
  const held = ({ heapBytes, externalBytes }: ServerMemory) => heapBytes + externalBytes;
  return {
    ...run,
    stalled,
    waitingBytes,
    heldBytes: held(after) - held(before),
    grownBytes: after.rssBytes - before.rssBytes,
  };
}
