import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, problemsOf } from './helpers.ts';

test('log files have a size and a number, and errors a file that is not the log’s', () => {
  const { config } = load({
    'configs/config.yaml': 'log: {file: a.log, errorFile: b.log, maxSize: 2MiB, maxFiles: 3}\n',
  });
  const { file, errorFile, maxSizeBytes, maxFiles } = config.log;
  assert.deepEqual([file, errorFile, maxSizeBytes, maxFiles], ['a.log', 'b.log', 2 * 1024 * 1024, 3]);
  const [problem = '', ...others] = problemsOf({ 'configs/config.yaml': 'log: {file: a.log, errorFile: a.log}\n' });
  assert.match(problem, /config\.yaml:1:.*errorFile.*name another file/);
  assert.deepEqual(others, []);
  assert.equal(problemsOf({ 'configs/config.yaml': 'log: {maxSize: 0, maxFiles: 0}\n' }).length, 2);
});
