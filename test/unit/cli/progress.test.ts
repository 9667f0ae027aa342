import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createProgress } from '../../../src/cli/output/progress.ts';

function stream(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 40, write: (text: string) => written.push(text), written };
}

it('on a terminal progress is a bar that is drawn over itself, never wider than the terminal, and taken away', () => {
  const out = stream(true);
  const progress = createProgress(out);
  progress.show(0, 'a');
  progress.show(0.5, 'b');
  progress.show(0.5, 'b');
  progress.show(1, 'c'.repeat(40));
  progress.clear();
  assert.deepEqual(out.written, [
    `\r\x1b[2K[${'-'.repeat(24)}] a`,
    `\r\x1b[2K[${'#'.repeat(12)}${'-'.repeat(12)}] b`,
    `\r\x1b[2K[${'#'.repeat(24)}] ${'c'.repeat(12)}`,
    '\r\x1b[2K',
  ]);
});

it('elsewhere it is a line for each tenth, and with -q nothing', () => {
  const out = stream(false);
  const progress = createProgress(out);
  for (const done of [0, 0.05, 0.1, 0.19, 0.21, 1, 1]) progress.show(done, `at ${done}`);
  progress.clear();
  assert.deepEqual(out.written, ['at 0\n', 'at 0.1\n', 'at 0.21\n', 'at 1\n']);
  const quiet = stream(true);
  createProgress(quiet, true).show(0, 'a');
  assert.deepEqual(quiet.written, []);
});
