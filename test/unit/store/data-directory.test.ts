import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { keptSecret, openDataDirectory } from '../../../src/store/data-directory.ts';
import { StartError } from '../../../src/util/start-error.ts';

function folderFor(t: TestContext, prefix = 'yunque-data-'): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const mode = (path: string) => statSync(path).mode & 0o777;

/** Opens the directory in another process; its output says what came of it. */
function openElsewhere(path: string): string {
  const module = new URL('../../../src/store/data-directory.ts', import.meta.url).href;
  const script = `const { openDataDirectory } = await import(${JSON.stringify(module)});
    try { openDataDirectory(${JSON.stringify(path)}); console.log('opened'); }
    catch (error) { console.log(error.name + ': ' + error.message + ' / ' + error.hint); }`;
  const result = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return result.stdout.trim() || result.stderr;
}

describe('opening', () => {
  test('makes the folder and those above it for their owner alone, and notes the process', (t) => {
    const path = join(folderFor(t), 'a', 'b');
    const directory = openDataDirectory(path);
    assert.equal(directory.path, path);
    assert.deepEqual([mode(path), mode(join(path, '..'))], [0o700, 0o700]);
    assert.equal(readFileSync(join(path, 'pid'), 'utf8'), `${process.pid}\n`);
    directory.release();
    assert.ok(!existsSync(join(path, 'pid')), 'a node that has ended leaves a process id behind');
  });

  test('is refused while another process holds it, naming directory and process, and works once it is released', (t) => {
    const path = join(folderFor(t), 'data');
    const directory = openDataDirectory(path);
    const said = openElsewhere(path);
    assert.equal(
      said,
      `StartError: the data directory ${path} is in use by process ${process.pid} / ` +
        'stop that node, or give this one a directory of its own with --data-dir',
    );
    directory.release();
    assert.equal(openElsewhere(path), 'opened');
    openDataDirectory(path).release();
  });

  test('is refused within one process too', (t) => {
    const path = join(folderFor(t), 'data');
    const directory = openDataDirectory(path);
    assert.throws(() => openDataDirectory(path), /is in use by process/);
    directory.release();
  });

  test('takes over from a process that ended without releasing it', (t) => {
    const path = join(folderFor(t), 'data');
    const module = new URL('../../../src/store/data-directory.ts', import.meta.url).href;
    const script = `const { openDataDirectory } = await import(${JSON.stringify(module)});
      globalThis.held = openDataDirectory(${JSON.stringify(path)}); process.kill(process.pid, 'SIGKILL');`;
    const dead = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
      timeout: 20_000,
    });
    assert.equal(dead.signal, 'SIGKILL');
    assert.notEqual(readFileSync(join(path, 'pid'), 'utf8'), `${process.pid}\n`);
    openDataDirectory(path).release();
  });
});

describe('a place that cannot be used is named, with what to do', () => {
  const refused = (path: string) =>
    assert.throws(
      () => openDataDirectory(path),
      (error) => {
        assert.ok(error instanceof StartError);
        assert.ok(error.message.startsWith(`cannot use the data directory ${path}: `), error.message);
        assert.match(error.hint ?? '', /--data-dir/);
        assert.equal(error.exitCode, 1);
        return true;
      },
    );

  test('a file', (t) => {
    const path = join(folderFor(t), 'file');
    writeFileSync(path, '');
    refused(path);
  });

  test('below a file', (t) => {
    const path = join(folderFor(t), 'file');
    writeFileSync(path, '');
    refused(join(path, 'data'));
  });

  test('below /proc, at once', { skip: existsSync('/proc/self') ? false : 'there is no /proc here' }, () => {
    refused('/proc/yunque/data');
  });

  test('a lock that is no database', (t) => {
    const path = folderFor(t);
    writeFileSync(join(path, 'lock'), 'x'.repeat(4096));
    refused(path);
  });

  test('whose own name has the word locked in it is not said to be in use', (t) => {
    const folder = folderFor(t, 'yunque-locked-');
    writeFileSync(join(folder, 'file'), '');
    refused(join(folder, 'file', 'data'));
  });
});

describe('a kept secret', () => {
  test('is made once, readable by its owner alone, and read again', (t) => {
    const folder = folderFor(t);
    assert.equal(
      keptSecret(folder, 's', () => 'first'),
      'first',
    );
    assert.equal(
      keptSecret(folder, 's', () => 'second'),
      'first',
    );
    assert.equal(mode(join(folder, 's')), 0o600);
  });

  test('that is an empty file, as a crash leaves one, is made anew', (t) => {
    const folder = folderFor(t);
    writeFileSync(join(folder, 's'), '\n');
    chmodSync(join(folder, 's'), 0o644);
    assert.equal(
      keptSecret(folder, 's', () => 'made'),
      'made',
    );
    assert.equal(
      keptSecret(folder, 's', () => 'again'),
      'made',
    );
    assert.equal(mode(join(folder, 's')), 0o600);
  });

  test('that cannot be read is a start error naming the file', (t) => {
    const folder = folderFor(t);
    mkdirSync(join(folder, 's'));
    assert.throws(
      () => keptSecret(folder, 's', () => 'x'),
      (error) => {
        return error instanceof StartError && error.message.includes(join(folder, 's'));
      },
    );
  });
});
