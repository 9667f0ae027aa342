import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Bench } from '../../bench/harness/row.ts';
import { soundPairs } from '../../bench/harness/sound-pairs.ts';
import { isStarved, starvedNotes } from '../../bench/harness/starved.ts';
import type { SteadyFigures } from '../../bench/harness/steady.ts';

const bench = { pairs: 4, progress: () => {} } as unknown as Bench;

/** `bad` are numbers of runs, the two that warm up left out. */
function soundRuns(bad: readonly number[]) {
  let at = -2;
  return soundPairs(bench, ['a', 'b'], {
    run: async (name) => ({ name, at: at++ }),
    isSound: (run) => !bad.includes(run.at),
    why: 'it rained',
  });
}

describe('pairs of npm run bench that are judged', () => {
  test('a pair with an unsound run counts for neither side, and another is made', async () => {
    const { results, unsound } = await soundRuns([3]);
    assert.equal(unsound, 1);
    assert.deepEqual(
      results.map((runs) => runs.map((run) => `${run.name}${run.at}`)),
      [
        ['a0', 'a4', 'a6', 'a8'],
        ['b1', 'b5', 'b7', 'b9'],
      ],
    );
  });

  test('not for ever: fewer pairs are judged, and with fewer than half of them nothing', async () => {
    const { results, unsound } = await soundRuns([0, 2, 4]);
    assert.deepEqual([results[0]?.length, unsound], [3, 3]);
    await assert.rejects(soundRuns([0, 2, 4, 6, 8]), /nothing to judge by: in 5 of 6 pairs it rained/);
  });

  test('receivers are starved that worked all the time or waited for a processor, and a sender that was late', () => {
    const run = (clientsShare: number, clientsBusyShare: number, lateShare = 0) =>
      ({ clientsShare, clientsBusyShare, lateShare }) as SteadyFigures;
    assert.equal(isStarved(run(0.2, 0.25)), false);
    assert.equal(isStarved(run(0.2, 0.35)), true);
    assert.equal(isStarved(run(0.93, 0.95)), true);
    assert.equal(isStarved(run(0.2, 0.25, 0.01)), false);
    assert.equal(isStarved(run(0.2, 0.25, 0.02)), true);
    assert.deepEqual(starvedNotes(0), []);
    assert.deepEqual(starvedNotes(2), ['2 pairs were not judged: sender or receivers were starved of a processor.']);
  });
});
