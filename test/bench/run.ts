import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `npm run bench`: every benchmark of this folder, one after the other, in a process of its own. Words on the command line
 * choose: `npm run bench -- codec`. Figures are printed and never judged: this is no test.
 */
const own = 'run.ts';
const words = process.argv.slice(2);
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.ts') && name !== own)
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)));

let failed = 0;
for (const [at, name] of files.entries()) {
  process.stdout.write(`\n[${at + 1}/${files.length}] ${name.replace(/\.ts$/, '')}\n`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, name)], { stdio: 'inherit' });
  if (status !== 0) failed += 1;
}
if (files.length === 0) process.stderr.write(`no benchmark is called ${words.join(' or ')}\n`);
process.exitCode = failed > 0 || files.length === 0 ? 1 : 0;
