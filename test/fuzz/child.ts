import { openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describe, type FuzzReport, fuzzTarget, inputOf } from './fuzz-target.ts';
import { targets } from './targets/index.ts';

/** What a process that fuzzes one target tells the one that started it. */
export type ChildMessage =
  | { readonly type: 'progress'; readonly done: number }
  | { readonly type: 'finding'; readonly index: number; readonly what: string; readonly inputHex: string }
  | { readonly type: 'report'; readonly inputs: number; readonly seconds: number };

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { target: text, seed: text, from: text, count: text, place: text } });
const target = targets.find(({ name }) => name === values.target);
if (target === undefined) throw new Error(`no target ${values.target}`);
const seed = Number(values.seed);

// In a file, since a process that hangs or dies tells nobody anything.
const place = openSync(values.place ?? '', 'w');
const bytes = Buffer.alloc(8);
let current = 0;

function tell(message: ChildMessage): void {
  process.send?.(message);
}

function onUncaught(error: unknown): void {
  if (target === undefined) return;
  const what = `uncaught, at this input or one of the ${target.concurrency} before: ${describe(error)}`;
  tell({ type: 'finding', index: current, what, inputHex: inputOf(target, seed, current).toString('hex') });
}
process.on('uncaughtException', onUncaught);
process.on('unhandledRejection', onUncaught);

const report: FuzzReport = await fuzzTarget(target, {
  seed,
  from: Number(values.from),
  count: Number(values.count),
  onInput(index) {
    current = index;
    bytes.writeDoubleLE(index);
    writeSync(place, bytes, 0, 8, 0);
  },
  onProgress: (done) => tell({ type: 'progress', done }),
  onFinding: ({ index, what, inputHex }) => tell({ type: 'finding', index, what, inputHex }),
});
tell({ type: 'report', inputs: report.inputs, seconds: report.seconds });
process.disconnect?.();
