import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { pageFile, renderPage, renderPictures } from '../../bench/harness/docs.ts';
import { latestFile, readResults } from '../../bench/harness/results.ts';
import { rows } from '../../bench/rows/index.ts';

describe('docs/performance.md', () => {
  test('says what results/latest.json says, and so do its pictures: npm run bench -- --render', async () => {
    const results = await readResults(latestFile);
    assert.ok(results);
    const page = await readFile(pageFile, 'utf8');
    assert.equal(renderPage(page, results), page);
    for (const [file, text] of renderPictures(results)) assert.equal(await readFile(file, 'utf8'), text, file);
  });

  test('shows figures of full runs of every row', async () => {
    const results = await readResults(latestFile);
    assert.deepEqual(results?.rows.map(({ id }) => id).sort(), rows.map(({ id }) => id).sort());
    assert.deepEqual([...new Set(results?.rows.map(({ mode }) => mode))], ['full']);
  });

  test('explains every row, and every row that misses', async () => {
    const page = await readFile(pageFile, 'utf8');
    const results = await readResults(latestFile);
    for (const { id, judged } of results?.rows ?? []) {
      if (judged.length === 0) continue;
      assert.match(page, new RegExp(`^\\| (P\\d+, )?${id}(, P\\d+)? \\| `, 'm'), `${id} is not explained`);
      if (judged.some(({ met }) => !met))
        assert.match(page, new RegExp(`^### .*\\b${id}\\b`, 'm'), `${id} misses, and nothing says why`);
    }
  });

  test('keeps what is written by hand, and is refused where a mark is missing', () => {
    const marks = ['machine', 'table', 'remarks', 'profiles'].map(
      (name) => `<!-- generated: ${name} -->\nold\n<!-- end: ${name} -->`,
    );
    const page = `before\n${marks.join('\nbetween\n')}\nafter\n`;
    const machine = { cpu: 'a processor', cores: 2, kernel: 'Linux 6.1', memoryGiB: 8, node: 'v26.10.0' };
    const rendered = renderPage(page, { schema: 1, machine, rows: [] });
    assert.match(rendered, /^before\n.*\nbetween\n.*\nafter\n$/s);
    assert.doesNotMatch(rendered, /\nold\n/);
    assert.match(rendered, /a processor, 2 cores/);
    assert.throws(() => renderPage('nothing', { schema: 1, machine, rows: [] }), /generated: machine/);
  });
});
