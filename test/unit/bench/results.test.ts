import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Machine } from '../../bench/harness/machine.ts';
import { absolute, differenceOf, ratioOf, side } from '../../bench/harness/measured.ts';
import { isChosen, readOptions } from '../../bench/harness/options.ts';
import {
  judge,
  mergeResults,
  type Results,
  type RowRecord,
  readResults,
  writeResults,
} from '../../bench/harness/results.ts';
import type { Bench, Row } from '../../bench/harness/row.ts';
import { runRows } from '../../bench/harness/run-rows.ts';
import { tableText } from '../../bench/harness/table.ts';

const machine: Machine = { cpu: 'a processor', cores: 2, kernel: 'Linux 6.1', memoryGiB: 8, node: 'v26.10.0' };
const occasion = { date: '2026-01-02', commit: 'abc', mode: 'full' } as const;
const pinning = {
  text: 'nothing is pinned',
  serverCommand: [],
  pinServer: () => {},
  pinLoad: () => {},
  releaseLoad: () => {},
};
const bench: Bench = {
  pairs: 3,
  clients: 10,
  cores: 2,
  scale: 1,
  pinning,
  progress: () => {},
  once: (_key, work) => work(),
};
const silent = { row: () => {}, detail: () => {}, done: () => {} };

function rowThat(id: string, run: Row['run']): Row {
  return { id, scenario: 'a scenario', targets: [{ figure: 'cpu', what: 'CPU', limit: '≤ 0.5×' }], run };
}

function record(id: string, commit: string): RowRecord {
  return {
    id,
    scenario: 'a scenario',
    ...occasion,
    commit,
    pairs: 5,
    connections: 1000,
    pinning: 'nothing is pinned',
    seconds: 1,
    judged: [],
    further: [],
    notes: [],
  };
}

describe('the results of npm run bench', () => {
  test('a ratio is the median of the pairs, with the least and the greatest of them', () => {
    const { value, spread } = ratioOf(side('ours', 'µs', [1, 5, 3]), side('theirs', 'µs', [2, 5, 10]));
    assert.equal(value, 0.5);
    assert.deepEqual(spread, [0.3, 1]);
    assert.equal(absolute(side('ours', 'ms', [7, 9, 8])).value, 8);
  });

  test('a difference is the median of those of the pairs, in the unit of its sides', () => {
    const { value, unit, spread } = differenceOf(side('ours', 'ms', [4, 9, 3]), side('theirs', 'ms', [1, 2, 2]));
    assert.deepEqual({ value, unit, spread }, { value: 3, unit: 'ms', spread: [1, 7] });
  });

  test('a row is met or missed by its own figures', async () => {
    const cpu = (ours: number) => ({
      figures: { cpu: ratioOf(side('ours', 'µs', [ours]), side('theirs', 'µs', [10])) },
    });
    const [met, missed] = await runRows(
      [rowThat('P1', async () => cpu(5)), rowThat('P2', async () => cpu(5.1))],
      bench,
      occasion,
      silent,
    );
    assert.deepEqual([met?.judged[0]?.met, missed?.judged[0]?.met], [true, false]);
  });

  test('a row that fails has missed, says why, and keeps no other from being measured', async () => {
    const records = await runRows(
      [
        rowThat('P1', () => Promise.reject(new Error('3 lost'))),
        rowThat('P2', async () => ({ figures: { cpu: absolute(side('ours', '×', [0.1])) } })),
      ],
      bench,
      occasion,
      silent,
    );
    assert.equal(records[0]?.failure, '3 lost');
    assert.deepEqual(
      records.map(({ judged }) => judged[0]?.met),
      [false, true],
    );
    const table = tableText(records);
    assert.match(table, /P1 .*MISSED/);
    assert.match(table, /P1 FAILED: 3 lost/);
    assert.match(table, /P2 .*≤ 0.5× +0.10× .*met/);
  });

  test('a target without its figure is a mistake in the row', () => {
    assert.throws(() => judge([{ figure: 'p99', what: 'p99', limit: '≤ 50 ms' }], { figures: {} }), /no p99/);
  });

  test('results are read as they were written, and a file that is not there is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'yunque-results-'));
    try {
      const results: Results = { schema: 1, machine, rows: [record('P1', 'abc')] };
      await writeResults(join(folder, 'results', 'latest.json'), results);
      assert.deepEqual(await readResults(join(folder, 'results', 'latest.json')), results);
      assert.equal(await readResults(join(folder, 'none.json')), undefined);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('new rows replace their older selves and leave the others, in the order of the table; another machine’s go', () => {
    const older: Results = {
      schema: 1,
      machine,
      rows: [record('P2', 'old'), record('P10', 'old'), record('chart', 'old')],
    };
    const newer: Results = { schema: 1, machine, rows: [record('P9', 'new'), record('P2', 'new')] };
    const said = (results: Results) => results.rows.map(({ id, commit }) => `${id} ${commit}`);
    assert.deepEqual(said(mergeResults(older, newer)), ['P2 new', 'P9 new', 'P10 old', 'chart old']);
    const elsewhere = { ...older, machine: { ...machine, cpu: 'another' } };
    assert.deepEqual(said(mergeResults(elsewhere, newer)), ['P2 new', 'P9 new']);
  });

  test('rows are chosen by id or by a word of their scenario', () => {
    const row = { id: 'P10', scenario: 'lists of 100, against naive ws' };
    const chosen = [[], ['p10'], ['P10'], ['p1'], ['lists'], ['socket'], ['p1', 'p10'], ['rows']];
    assert.deepEqual(
      chosen.map((words) => isChosen(row, readOptions(words).words)),
      [true, true, true, false, true, false, true, true],
    );
    assert.throws(() => readOptions(['--quick', '--write-docs']), /do not go together/);
  });
});
