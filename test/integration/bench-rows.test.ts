import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runBursts, startContestant } from '../bench/harness/contestant.ts';
import { findCompiler } from '../bench/harness/one-write.ts';
import type { Bench } from '../bench/harness/row.ts';
import { runRows } from '../bench/harness/run-rows.ts';
import { tableText } from '../bench/harness/table.ts';
import { row as p1 } from '../bench/rows/p01-single-socket-io.ts';
import { row as p4 } from '../bench/rows/p04-bursts-of-100.ts';
import { row as p12 } from '../bench/rows/p12-cluster-unicast.ts';
import { row as p13 } from '../bench/rows/p13-cluster-group.ts';

const pinning = {
  text: 'nothing is pinned',
  serverCommand: [],
  pinServer: () => {},
  pinLoad: () => {},
  releaseLoad: () => {},
};
const bench: Bench = {
  pairs: 1,
  clients: 20,
  cores: 2,
  scale: 0.02,
  pinning,
  progress: () => {},
  once: (_key, work) => work(),
};
const occasion = { date: '2026-01-02', commit: 'abc', mode: 'quick' } as const;
const silent = { row: () => {}, detail: () => {}, done: () => {} };

describe('npm run bench', () => {
  test('a row runs its servers and clients end to end, verifies every delivery and ends with a figure', async () => {
    const [record] = await runRows([p1], bench, occasion, silent);
    assert.equal(record?.failure, undefined);
    const value = record?.judged[0]?.measured?.value ?? Number.NaN;
    assert.ok(value > 0 && Number.isFinite(value), `${value}`);
    assert.match(tableText(record ? [record] : []), /^P1 .*yunque [\d.]+ µs, socket\.io [\d.]+ µs$/m);
  });

  test('rows of a cluster start nodes and a Redis of their own, and count the processor time of all of them', async () => {
    const records = await runRows([p12, p13], bench, occasion, silent);
    for (const { id, failure, judged } of records) {
      assert.equal(failure, undefined, id);
      for (const { what, measured } of judged) assert.ok(Number.isFinite(measured?.value), `${id} ${what}`);
    }
    const [unicast, group] = records;
    const parts = unicast?.further.find(({ what }) => what.startsWith('of two nodes'))?.measured.sides ?? [];
    assert.deepEqual(
      parts.map(({ name }) => name),
      ['the node that is posted to', 'the node of the users', 'Redis'],
    );
    assert.deepEqual(
      group?.judged.map(({ measured }) => measured?.sides?.map(({ name }) => name)),
      Array(2).fill(['yunque', 'socket.io']),
    );
  });

  test('the C program is compiled and compared with, or the row says that there is no compiler', async () => {
    const [record] = await runRows([p4], bench, occasion, silent);
    if (findCompiler() === undefined) assert.match(record?.failure ?? '', /no C compiler/);
    else
      assert.deepEqual(
        record?.judged[0]?.measured?.sides?.map(({ name }) => name),
        ['yunque', 'C'],
      );
  });

  for (const [how, expected] of [
    ['lose', /20 deliveries are missing/],
    ['double', /20 duplicated/],
    ['swap', /20 outOfOrder/],
  ] as const) {
    test(`a server that ${how}s a message has no figures`, async () => {
      const cheating = { name: 'a cheat', file: '../../support/cheating-bursts.ts', path: '/' };
      await using contestant = await startContestant(bench, cheating, { args: [how], patienceMs: 3000 });
      await assert.rejects(runBursts(contestant, { bursts: 1, size: 5, window: 1 }), expected);
    });
  }
});
