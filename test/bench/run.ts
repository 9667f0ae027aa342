import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { writeDocs } from './harness/docs.ts';
import { thisCommit, thisMachine } from './harness/machine.ts';
import { type BenchOptions, isChosen, readOptions, usage } from './harness/options.ts';
import { createPinning } from './harness/pinning.ts';
import { createBenchProgress } from './harness/progress.ts';
import {
  latestFile,
  mergeResults,
  type Results,
  readResults,
  resultsDirectory,
  resultsSchema,
  writeResults,
} from './harness/results.ts';
import type { Bench, Row } from './harness/row.ts';
import { runRows } from './harness/run-rows.ts';
import { tableText } from './harness/table.ts';
import { rows } from './rows/index.ts';

/** `npm run bench`: measures the rows of the table of targets, prints it, and keeps the figures. Exits 1 where a row missed or failed. */
const connections = 1000;
const full = { pairs: 5, scale: 1 };
const quick = { pairs: 3, scale: 0.25 };

async function main(argv: readonly string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = readOptions(argv);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (options.render) return render();
  const chosen = rows.filter((row) => isChosen(row, options.words));
  if (chosen.length === 0) {
    process.stderr.write(
      `no row is about ${options.words.join(' or ')}: there are ${rows.map(({ id }) => id).join(', ')}\n`,
    );
    return 2;
  }
  return measure(chosen, options);
}

async function render(): Promise<number> {
  const results = await readResults(latestFile);
  if (results === undefined) {
    process.stderr.write('there are no figures yet: npm run bench -- --write-docs\n');
    return 1;
  }
  await writeDocs(results);
  return 0;
}

async function measure(chosen: readonly Row[], options: BenchOptions): Promise<number> {
  const progress = createBenchProgress(chosen.length, process.stderr);
  const shared = new Map<string, Promise<unknown>>();
  const bench: Bench = {
    ...(options.quick ? quick : full),
    clients: connections,
    cores: availableParallelism(),
    pinning: createPinning(),
    ...(options.profile !== undefined && { profileDirectory: options.profile }),
    progress: progress.detail,
    once<T>(key: string, work: () => Promise<T>): Promise<T> {
      const known = shared.get(key) ?? work();
      shared.set(key, known);
      return known as Promise<T>;
    },
  };
  bench.pinning.pinLoad();
  const date = new Date().toISOString().slice(0, 10);
  const commit = thisCommit();
  const records = await runRows(chosen, bench, { date, commit, mode: options.quick ? 'quick' : 'full' }, progress);
  const results: Results = { schema: resultsSchema, machine: thisMachine(), rows: records };
  process.stdout.write(`\n${tableText(records, { color: process.stdout.isTTY })}\n`);
  const file = join(resultsDirectory, `${date}-${commit}${options.quick ? '-quick' : ''}.json`);
  await writeResults(file, mergeResults(await readResults(file), results));
  process.stdout.write(`\n${file}\n`);
  if (options.writeDocs) {
    await writeResults(latestFile, mergeResults(await readResults(latestFile), results));
    await render();
  }
  return records.every(({ failure, judged }) => failure === undefined && judged.every(({ met }) => met)) ? 0 : 1;
}

// Not process.exitCode alone: what a row that failed has left open would keep the runner alive.
process.exit(await main(process.argv.slice(2)));
