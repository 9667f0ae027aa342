import type { BenchProgress } from './progress.ts';
import { furtherFigures, judge, type RowRecord, unjudged } from './results.ts';
import type { Bench, Row } from './row.ts';

export interface Occasion {
  readonly date: string;
  readonly commit: string;
  readonly mode: 'full' | 'quick';
}

/** One row after the other. A row that fails has missed its targets, and says why; the others are measured all the same. */
export async function runRows(
  rows: readonly Row[],
  bench: Bench,
  occasion: Occasion,
  progress: BenchProgress,
): Promise<RowRecord[]> {
  const records: RowRecord[] = [];
  for (const [at, row] of rows.entries()) {
    progress.row(at + 1, row.id, row.scenario);
    const record = await runRow(row, bench, occasion);
    const missed = record.judged.filter(({ met }) => !met).length;
    const verdict = record.failure === undefined ? (missed === 0 ? 'met' : 'MISSED') : `FAILED: ${record.failure}`;
    progress.done(`${verdict} (${record.seconds} s)`);
    records.push(record);
  }
  return records;
}

async function runRow(row: Row, bench: Bench, occasion: Occasion): Promise<RowRecord> {
  const startedAt = performance.now();
  const { id, scenario } = row;
  const about = { id, scenario, ...occasion, pairs: bench.pairs, connections: bench.clients };
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  try {
    const result = await row.run(bench);
    const judged = judge(row.targets, result);
    const further = furtherFigures(row, result);
    const { notes = [], points, profile } = result;
    return {
      ...about,
      pinning: bench.pinning.text,
      seconds: seconds(),
      judged,
      further,
      notes,
      ...(points && { points }),
      ...(profile && { profile }),
    };
  } catch (error) {
    return {
      ...about,
      pinning: bench.pinning.text,
      seconds: seconds(),
      judged: unjudged(row.targets),
      further: [],
      notes: [],
      failure: error instanceof Error ? error.message : String(error),
    };
  }
}
