import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { requireTool } from '../support/tool.ts';
import { cli } from '../unit/cli/run-cli.ts';

const run = promisify(execFile);
const env = { ...process.env, LC_ALL: 'C.UTF-8' };

for (const language of ['en', 'zh']) {
  it(`the manual page in ${language} is formatted by groff and by mandoc without a warning`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'yunque-man-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'yunque.1');
    await writeFile(file, (await cli(['man', '--lang', language])).out);
    const groff = await run(await requireTool('groff', 'groff'), ['-k', '-man', '-ww', '-Tutf8', file], { env });
    assert.equal(groff.stderr, '');
    assert.match(groff.stdout, /yunque/);
    const mandoc = await requireTool('mandoc', 'mandoc');
    const lint = await run(mandoc, ['-Tlint', '-W', 'warning', file], { env }).catch(
      (error: { stdout: string }) => error,
    );
    // A page without a date says so: nothing here knows one that is the same in every build.
    assert.deepEqual(
      lint.stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date')),
      [],
    );
    const { stdout } = await run(mandoc, ['-Tutf8', file], { env });
    assert.match(stdout, /yunque group send room1 'hello'/);
  });
}
