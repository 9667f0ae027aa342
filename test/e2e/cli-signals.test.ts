import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { createYunque } from './cli-binary.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

describe('signals that are no stop', { timeout: 120_000 }, () => {
  for (const [name, program] of [
    ['the binary', undefined],
    ['the source', [process.execPath, main]],
  ] as const) {
    it(`${name} answers SIGUSR1 with log files opened again and no debugger, and SIGUSR2 with a line`, async (t) => {
      const { home, start, run } = await createYunque(t);
      const file = join(home, 'node.log');
      const node = start(['serve', '0', '--host', '127.0.0.1', '--set', `log.file=${file}`], {
        ...(program && { program }),
      });
      const says = (text: string) =>
        eventually(
          `the log says ${text}`,
          async () => existsSync(file) && (await readFile(file, 'utf8')).includes(text),
        );
      await says('"msg":"serving"');
      await rename(file, `${file}.1`);
      node.process.kill('SIGUSR1');
      await says('log files opened again');
      node.process.kill('SIGUSR2');
      await says('this signal means nothing here');
      assert.equal((await run(['stop', '--now'])).code, 0);
      const { code, out, err } = await node.done;
      assert.deepEqual([code, out, err], [0, '', '']);
    });
  }
});
