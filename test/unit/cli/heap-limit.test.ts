import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type HeapProcess, programArgs, startWithHeap } from '../../../src/cli/heap-limit.ts';

const source = { argv: ['node', '/y/main.ts', 'serve'], execArgv: ['--max-heap-size=64', '--enable-source-maps'] };

it('the limit is a word of Node in front of the script, once, and of the binary’s own in front of its words', () => {
  const script = '/y/main.ts';
  assert.deepEqual(programArgs(2 ** 31, source, false), ['--enable-source-maps', '--max-heap-size=2048', script]);
  assert.deepEqual(programArgs(undefined, source, false), ['--enable-source-maps', script]);
  assert.deepEqual(programArgs(2 ** 27 + 1, source, true), ['--node-options=--max-heap-size=128']);
  assert.deepEqual(programArgs(undefined, source, true), []);
});

it('where a process cannot become another, one is started and its exit code is ours', async () => {
  const listened: string[] = [];
  const own = {
    argv: ['node', '-e'],
    argv0: 'node',
    execArgv: [],
    execPath: process.execPath,
    env: process.env,
    execve: undefined,
    on: (signal: string) => listened.push(signal),
  } as unknown as HeapProcess;
  const words = ['process.exit(require("v8").getHeapStatistics().heap_size_limit === 2 ** 28 ? 7 : 1)'];
  assert.equal(await startWithHeap(2 ** 28, words, own), 7);
  assert.ok(listened.includes('SIGINT'));
});
