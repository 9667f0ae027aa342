import { globSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { dot } from 'node:test/reporters';
import { openDesk } from './support/services/desk.ts';
import { starters } from './support/services/shared.ts';
import './support/tsx-hook.ts';

/**
 * `npm test`: every suite but the benchmarks. Words on the command line choose files whose path contains one of them:
 * `npm test -- groups`.
 */
interface Suite {
  readonly name: string;
  /** Small files without state of their own share this process: starting one for each costs more than the tests. */
  readonly isolation: 'none' | 'process';
  readonly concurrency: number;
  readonly timeoutMs: number;
}

const suites: readonly Suite[] = [
  { name: 'unit', isolation: 'none', concurrency: 1, timeoutMs: 60_000 },
  { name: 'contract', isolation: 'none', concurrency: 1, timeoutMs: 60_000 },
  { name: 'integration', isolation: 'process', concurrency: 2, timeoutMs: 240_000 },
  { name: 'e2e', isolation: 'process', concurrency: 2, timeoutMs: 240_000 },
];

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const root = join(import.meta.dirname, '..');
const words = process.argv.slice(2);
const total: Counts = { passed: 0, failed: 0, skipped: 0 };

const desk = await openDesk(starters);
for (const suite of suites) {
  const all = globSync(`test/${suite.name}/**/*.test.{ts,tsx}`, { cwd: root }).sort();
  const files = all.filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
  if (files.length === 0) continue;
  process.stdout.write(`\n${suite.name} (${files.length} files)\n`);
  const started = performance.now();
  const counts = await runSuite(suite, files);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(
    `${suite.name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${seconds} s\n`,
  );
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
await desk[Symbol.asyncDispose]();
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
// Not process.exitCode alone: with isolation "none" a handle that a test left open would keep the runner alive.
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);

async function runSuite(suite: Suite, files: readonly string[]): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const stream = run({
    files: files.map((file) => join(root, file)),
    isolation: suite.isolation,
    ...(suite.isolation === 'process' && { concurrency: suite.concurrency }),
    timeout: suite.timeoutMs,
    execArgv: ['--import', join(root, 'test/support/tsx-hook.ts')],
  });
  stream.on('test:pass', (data) => {
    if (data.details.type === 'suite') return;
    if (data.skip === undefined) counts.passed += 1;
    else {
      counts.skipped += 1;
      process.stdout.write(`\nskipped: ${data.name}: ${data.skip === true ? 'NO REASON GIVEN' : data.skip}\n`);
    }
  });
  stream.on('test:fail', (data) => {
    if (data.details.type !== 'suite') counts.failed += 1;
  });
  for await (const chunk of stream.compose(dot)) process.stdout.write(String(chunk));
  return counts;
}
