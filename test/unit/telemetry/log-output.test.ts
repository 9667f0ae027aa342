import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { createLogOutput, type OutputStream } from '../../../src/telemetry/log-output.ts';

const KiB = 1024;

function open(stream: OutputStream) {
  const said: string[] = [];
  const output = createLogOutput(stream, {
    onLosing: (reason) => said.push(reason),
    onRecovered: (lost) => said.push(`lost ${lost}`),
  });
  return { output, said };
}

function openFor(t: TestContext, path: string): number {
  const fd = openSync(path, 'w');
  t.after(() => closeSync(fd));
  return fd;
}

const noStream = {
  write() {
    throw new Error('a file is not written through its stream');
  },
};

describe('standard output', { timeout: 20_000 }, () => {
  test('that nobody reads holds a mebibyte and no more, and is told to be well when half of it is read', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const { output, said } = open(stream);
    const line = `${'.'.repeat(KiB - 1)}\n`;
    for (let n = 0; n < 5000; n++) output.write(line);
    assert.ok(stream.writableLength <= 1025 * KiB, `${stream.writableLength}`);
    assert.deepEqual(said, ['nobody reads it']);
    const lost = output.lost;
    assert.ok(lost > 3900, `${lost}`);

    // Each read makes room for one line.
    const readLines = async (count: number) => {
      for (let n = 0; n < count; n++) {
        stream.read();
        await new Promise(setImmediate);
      }
    };
    await readLines(100);
    for (let n = 0; n < 200; n++) output.write(line);
    assert.deepEqual(said, ['nobody reads it'], 'written and lost by turns');
    stream.resume();
    await output.close();
    assert.deepEqual(said, ['nobody reads it', `lost ${output.lost}`]);
    assert.ok(output.lost < lost + 110, 'there was room for some');
  });

  test('is waited for at the end until it is read, or given up', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const { output } = open(stream);
    for (let n = 0; n < 10; n++) output.write('line\n');
    await output.close();
    assert.ok(stream.writableLength > 0, 'given up');
    const closed = output.close();
    stream.resume();
    await closed;
    assert.equal(stream.writableLength, 0, 'waited for');
  });

  test('that was closed counts every line and says so once', async () => {
    const stream = new Writable({
      write: (_chunk, _encoding, done) => done(new Error('write EPIPE')),
      autoDestroy: false,
    });
    stream.on('error', () => {});
    const { output, said } = open(stream);
    for (let n = 0; n < 3; n++) output.write('line\n');
    await new Promise(setImmediate);
    assert.deepEqual([said, output.lost], [['write EPIPE'], 3]);
  });

  test('that is a file is written at once', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'yunque-log-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'log');
    const { output, said } = open({ ...noStream, fd: openFor(t, path) });
    output.write('one\n');
    output.write('two\n');
    await output.close();
    assert.equal(readFileSync(path, 'utf8'), 'one\ntwo\n');
    assert.deepEqual([said, output.lost], [[], 0]);
  });

  test('on a full disk counts every line and throws nothing', (t) => {
    const { output, said } = open({ ...noStream, fd: openFor(t, '/dev/full') });
    for (let n = 0; n < 3; n++) output.write('line\n');
    assert.equal(output.lost, 3);
    assert.deepEqual(said.length, 1);
    assert.match(said[0] ?? '', /^ENOSPC/);
  });
});
