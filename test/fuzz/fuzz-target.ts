import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRandom } from '../support/random.ts';
import { type OpenTarget, type Target, TooLate } from './target.ts';

export interface Finding {
  readonly target: string;
  readonly seed: number;
  /** Of the input: `--from INDEX --count 1` makes it again. */
  readonly index: number;
  readonly what: string;
  readonly inputHex: string;
}

export interface FuzzOptions {
  readonly seed: number;
  /** The first input, from 0. */
  readonly from?: number;
  readonly count: number;
  /** Told before each input. */
  readonly onInput?: (index: number) => void;
  readonly onProgress?: (done: number) => void;
  readonly onFinding?: (finding: Finding) => void;
}

export interface FuzzReport {
  readonly inputs: number;
  readonly seconds: number;
  readonly findings: readonly Finding[];
}

const SLOW_MS = 1000;
const INPUTS_A_TURN = 500;
/** One fault found a thousand times says no more than five times. */
const MOST_FINDINGS = 5;

/** Feeds a target inputs `from` to `from + count`. Each is made from seed and index alone, so that one can be repeated. */
export async function fuzzTarget(target: Target, options: FuzzOptions): Promise<FuzzReport> {
  const { seed, from = 0, count } = options;
  const findings: Finding[] = [];
  const report = (index: number, what: unknown, input: Buffer) => {
    const finding = { target: target.name, seed, index, what: describe(what), inputHex: input.toString('hex') };
    findings.push(finding);
    options.onFinding?.(finding);
  };
  const opened = await target.open();
  const started = performance.now();
  let next = from;
  let done = 0;
  let early: number | undefined;
  const end = from + count;

  const tryInput = async (index: number) => {
    const input = inputOf(target, seed, index);
    options.onInput?.(index);
    try {
      if ((await isSlow(opened, input)) && (await isSlow(opened, input))) {
        report(index, `took longer than ${SLOW_MS} ms, twice`, input);
      }
    } catch (error) {
      report(index, error, input);
    }
    done += 1;
    if (done % INPUTS_A_TURN !== 0) return;
    options.onProgress?.(done);
    if (early === undefined && done * 5 >= count) early = memoryInUse();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const work = async () => {
    while (next < end && findings.length < MOST_FINDINGS) await tryInput(next++);
  };
  await Promise.all(Array.from({ length: target.concurrency }, work));
  const seconds = (performance.now() - started) / 1000;
  const last = Buffer.alloc(0);
  await opened.close?.().catch((error: unknown) => report(end, error, last));
  const growth = early === undefined ? 0 : memoryInUse() - early;
  if (growth > target.maxGrowthBytes) report(end, `memory grew by ${growth} bytes`, last);
  return { inputs: done, seconds, findings };
}

export function inputOf(target: Target, seed: number, index: number): Buffer {
  return target.generate(createRandom((Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0));
}

async function isSlow(opened: OpenTarget, input: Buffer): Promise<boolean> {
  const started = performance.now();
  try {
    const pending = opened.run(input);
    if (pending !== undefined) await pending;
  } catch (error) {
    if (error instanceof TooLate) return true;
    throw error;
  }
  return performance.now() - started > SLOW_MS;
}

function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

export function describe(what: unknown): string {
  if (!(what instanceof Error)) return String(what);
  return (what.stack ?? String(what)).split('\n').slice(0, 8).join('\n');
}
