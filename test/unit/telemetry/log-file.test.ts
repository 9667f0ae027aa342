import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '../../../src/telemetry/log.ts';
import { createLogFile } from '../../../src/telemetry/log-file.ts';
import { eventually } from '../../support/eventually.ts';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'yunque-log-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function open(path: string, more: { maxBytes?: number; maxFiles?: number } = {}) {
  const losing: string[] = [];
  const recovered: number[] = [];
  const file = createLogFile({
    path,
    maxBytes: 1024 * 1024,
    maxFiles: 2,
    onLosing: (reason) => losing.push(reason),
    onRecovered: (lost) => recovered.push(lost),
    ...more,
  });
  return { file, losing, recovered };
}

const text = (path: string) => readFileSync(path, 'utf8');

describe('a log file', { timeout: 20_000 }, () => {
  test('holds what was written before and after, in order, and is its owner’s alone', async (t) => {
    const path = join(folderFor(t), 'sub', 'log');
    for (const word of ['one', 'two']) {
      const { file } = open(path);
      for (let n = 0; n < 100; n++) file.write(`${word} ${n}\n`);
      await file.close();
    }
    const expected = ['one', 'two'].flatMap((word) => Array.from({ length: 100 }, (_, n) => `${word} ${n}`));
    assert.deepEqual(text(path).trimEnd().split('\n'), expected);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('is turned at its size, and only so many older ones are kept', async (t) => {
    const folder = folderFor(t);
    const { file, losing } = open(join(folder, 'log'), { maxBytes: 1024 });
    for (let n = 0; n < 200; n++) file.write(`${String(n).padStart(99, '.')}\n`);
    await file.close();
    assert.deepEqual(readdirSync(folder).sort(), ['log', 'log.1', 'log.2']);
    assert.equal(statSync(join(folder, 'log.1')).size, 1100);
    const kept = ['log.2', 'log.1', 'log'].map((name) => text(join(folder, name))).join('');
    const numbers = kept
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.replace(/^\.+/, '')));
    assert.deepEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, n) => 200 - numbers.length + n),
    );
    assert.deepEqual(losing, []);
  });

  test('is turned at midnight', async (t) => {
    const folder = folderFor(t);
    const path = join(folder, 'log');
    const { file } = open(path);
    t.mock.timers.enable({ apis: ['Date'], now: new Date(2030, 0, 1, 23, 59, 59, 900) });
    file.write('before\n');
    await eventually('it is open', () => existsSync(path) && text(path) === 'before\n');
    t.mock.timers.setTime(new Date(2030, 0, 2, 0, 0, 0, 1).getTime());
    // Not `eventually`: the clock it goes by stands still.
    for (let n = 0; n < 400 && !existsSync(join(folder, 'log.1')); n++) await delay(5);
    file.write('after\n');
    await file.close();
    assert.deepEqual([text(join(folder, 'log.1')), text(path)], ['before\n', 'after\n']);
  });

  test('that was last written on an earlier day is turned when it is opened', async (t) => {
    const folder = folderFor(t);
    const path = join(folder, 'log');
    const today = new Date();
    const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate(), 0, 0, -1);
    writeFileSync(path, 'old\n');
    utimesSync(path, yesterday, yesterday);
    for (const older of [1, 2]) writeFileSync(`${path}.${older}`, `${older}\n`);
    for (const word of ['new\n', 'newer\n']) {
      const { file } = open(path);
      file.write(word);
      await file.close();
    }
    const kept = readdirSync(folder).sort();
    assert.deepEqual(kept, ['log', 'log.1', 'log.2']);
    assert.deepEqual(
      kept.map((name) => text(join(folder, name))),
      ['new\nnewer\n', 'old\n', '1\n'],
    );
  });

  test('that was moved away is opened again', async (t) => {
    const path = join(folderFor(t), 'log');
    const { file } = open(path);
    file.write('old\n');
    await eventually('it is written', () => existsSync(path) && text(path) !== '');
    renameSync(path, `${path}.moved`);
    file.reopen();
    file.write('new\n');
    await file.close();
    assert.deepEqual([text(`${path}.moved`), text(path)], ['old\n', 'new\n']);
  });

  test('is written to its end when it is closed, also what came before it was opened again', async (t) => {
    const path = join(folderFor(t), 'log');
    const { file } = open(path);
    for (let n = 0; n < 50; n++) {
      for (let line = 0; line < 20; line++) file.write(`${n}\n`);
      file.reopen();
    }
    await file.close();
    assert.equal(text(path).split('\n').length, 1001);
  });

  test('that cannot be written counts its lines, says so once, and goes on when it can', async (t) => {
    const path = join(folderFor(t), 'log');
    mkdirSync(path);
    const { file, losing, recovered } = open(path);
    file.write('a\n');
    file.write('b\n');
    await eventually('both are counted', () => file.lost === 2);
    file.write('c\n');
    assert.equal(file.lost, 3);
    assert.equal(losing.length, 1, losing.join(' / '));
    assert.match(losing[0] ?? '', /not a file/);
    rmSync(path, { recursive: true });
    await eventually('it is written again', () => {
      file.write('d\n');
      return recovered.length > 0;
    });
    await file.close();
    assert.deepEqual([recovered, losing.length], [[file.lost], 1]);
    assert.match(text(path), /^d\n/);
  });
});

test('errors go to a file of their own as well, masked and escaped as the others', () => {
  const [all, errors]: [string[], string[]] = [[], []];
  const log = createLogger({
    level: 'info',
    format: 'json',
    destination: { write: (line) => void all.push(line) },
    errorDestination: { write: (line) => void errors.push(line) },
  });
  log.debug('no');
  log.info('one');
  log.error({ key: 'geheim', uid: '\u009b' }, 'two');
  log.fatal('three');
  assert.deepEqual([all.length, errors.length], [3, 2]);
  assert.deepEqual(all.slice(1), errors);
  assert.match(errors[0] ?? '', /"key":"\*\*\*","uid":"\\u009b"/);
});
