// `npm run fuzz`: a million inputs and more for everything that reads what strangers write. Exits 1 where it finds anything.
// `-- --target NAME`, `--seed N`, `--count N` (of each target), `--from INDEX`: to choose, and to repeat one input.
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ChildMessage } from './child.ts';
import { inputOf } from './fuzz-target.ts';
import type { Target } from './target.ts';
import { targets } from './targets/index.ts';

/** Without a new input for this long, a process hangs: fuzz-target.ts finds what takes a second and ends. */
const HANG_MS = 15_000;
const BAR_CELLS = 24;

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { target: text, seed: text, from: text, count: text } });
const seed = wholeNumber('seed') ?? Math.floor(Math.random() * 2 ** 31);
const from = wholeNumber('from') ?? 0;
const count = wholeNumber('count');
const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target);
if (chosen.length === 0)
  throw new Error(`no target ${values.target}; there are: ${targets.map((t) => t.name).join(', ')}`);

const folder = mkdtempSync(join(tmpdir(), 'yunque-fuzz-'));
const all = chosen.reduce((sum, target) => sum + (count ?? target.count), 0);
let before = 0;
const out = process.stderr;

process.stdout.write(`seed ${seed}\n`);
const rows = [];
for (const target of chosen) {
  const row = await runTarget(target, count ?? target.count);
  rows.push(row);
  before += row.inputs;
  clearBar();
  const rate = Math.round(row.inputs / row.seconds);
  process.stdout.write(
    `${target.name.padEnd(18)}${String(row.inputs).padStart(9)} inputs${String(rate).padStart(9)}/s` +
      `${String(row.findings).padStart(5)} findings\n`,
  );
}
const findings = rows.reduce((sum, row) => sum + row.findings, 0);
const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
process.stdout.write(`${before} inputs in ${Math.round(seconds)} s, ${findings} findings, seed ${seed}\n`);
rmSync(folder, { recursive: true });
process.exitCode = findings === 0 ? 0 : 1;

/** In a process of its own, so that its death or hanging is a finding as well. */
async function runTarget(target: Target, inputs: number) {
  const place = join(folder, target.name.replaceAll(' ', '-'));
  const row = { inputs: 0, seconds: 0, findings: 0 };
  const started = performance.now();
  const args = ['--target', target.name, '--seed', String(seed), '--from', String(from), '--count', String(inputs)];
  const child = fork(join(import.meta.dirname, 'child.ts'), [...args, '--place', place], {
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  let isReported = false;
  const report = (index: number, what: string, inputHex: string) => {
    row.findings += 1;
    clearBar();
    process.stdout.write(
      `FINDING in ${target.name}: ${what}\n  again: npm run fuzz -- --target '${target.name}' --seed ${seed} --from ${index} --count 1\n` +
        `  input: ${inputHex}\n`,
    );
  };
  child.on('message', (message: ChildMessage) => {
    if (message.type === 'progress') drawBar(target, before + message.done);
    else if (message.type === 'finding') report(message.index, message.what, message.inputHex);
    else {
      isReported = true;
      Object.assign(row, { inputs: message.inputs, seconds: message.seconds });
    }
  });
  let [last, since] = ['', performance.now()];
  const watch = setInterval(() => {
    const now = placeIn(place);
    if (now !== last) [last, since] = [now, performance.now()];
    else if (performance.now() - since > HANG_MS) child.kill('SIGKILL');
  }, 500);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on('exit', (...ending) => resolve(ending));
  });
  clearInterval(watch);
  if (!isReported) {
    const index = readPlace(place) ?? from;
    report(
      index,
      `the process ended (${signal ?? code}), or hung, at this input`,
      inputOf(target, seed, index).toString('hex'),
    );
    Object.assign(row, { inputs: index - from, seconds: (performance.now() - started) / 1000 });
  }
  return row;
}

function placeIn(path: string): string {
  return String(readPlace(path));
}

function readPlace(path: string): number | undefined {
  try {
    return readFileSync(path).readDoubleLE();
  } catch {
    return undefined;
  }
}

function drawBar(target: Target, done: number): void {
  if (!out.isTTY) return;
  const filled = Math.round((done / all) * BAR_CELLS);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR_CELLS - filled)}]`;
  out.write(`\r\x1b[2K${bar} ${Math.floor((done / all) * 100)} % ${target.name}`);
}

function clearBar(): void {
  if (out.isTTY) out.write('\r\x1b[2K');
}

function wholeNumber(name: 'seed' | 'from' | 'count'): number | undefined {
  const given = values[name];
  if (given === undefined) return undefined;
  if (/^\d{1,15}$/.test(given)) return Number(given);
  throw new Error(`--${name} must be a whole number, not ${given}`);
}
