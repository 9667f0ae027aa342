import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { neededLibraries, parseElf } from '../../src/build/elf.ts';
import { version } from '../../src/util/version.ts';
import { ensureBinary } from '../support/binary.ts';

const run = promisify(execFile);
const buildScript = join(import.meta.dirname, '../../build.sh');
const onLinux = process.platform === 'linux' ? {} : { skip: 'ELF files are what Linux starts' };

describe('the built binary', () => {
  let binary: string;
  before(async () => {
    binary = await ensureBinary();
  });

  test('needs no libatomic, which slim images lack', onLinux, async () => {
    const needed = neededLibraries(parseElf(await readFile(binary)));
    assert.ok(needed.includes('libc.so.6'), `libraries read from the file: ${needed}`);
    assert.ok(!needed.includes('libatomic.so.1'), `libraries read from the file: ${needed}`);
  });

  test('tells its version with an empty environment', async () => {
    const { stdout, stderr } = await run(binary, ['--version'], { env: {} });
    assert.ok(stdout.includes(version()), stdout);
    assert.equal(stderr, '');
  });

  test('takes no notice of NODE_OPTIONS', async () => {
    const { stdout, stderr } = await run(binary, ['--version'], { env: { NODE_OPTIONS: '--bogus' } });
    assert.ok(stdout.includes(version()), stdout);
    assert.equal(stderr, '');
  });

  test('runs from another working directory', async () => {
    const { stdout } = await run(binary, ['--version'], { cwd: '/', env: {} });
    assert.ok(stdout.includes(version()), stdout);
  });

  test('runs when it is copied alone into an empty folder', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'yunque-binary-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const copy = join(folder, basename(binary));
    await copyFile(binary, copy);
    const { stdout } = await run(copy, ['--help'], { cwd: folder, env: {} });
    assert.match(stdout, /usage/i);
    assert.match(stdout, /yunque/);
  });

  test('carries the commit it was built from', async () => {
    const { stdout } = await run(binary, ['version', '--json'], { env: {} });
    const { commit }: { commit: string } = JSON.parse(stdout);
    assert.notEqual(commit, 'source');
  });
});

test('build.sh refuses an argument it does not know as a usage error', async () => {
  const failure: { code?: unknown; stderr?: unknown } = await run('bash', [buildScript, 'plan9']).then(
    () => assert.fail('it accepted plan9'),
    (error) => error,
  );
  assert.equal(failure.code, 2);
  assert.match(String(failure.stderr), /unknown argument: plan9\nusage: /);
});
