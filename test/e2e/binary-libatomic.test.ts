import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { neededLibraries, parseElf } from '../../src/build/elf.ts';
import { dropLibatomic } from '../../src/build/elf-libatomic.ts';
import { compareExchangeStub } from '../../src/build/elf-libatomic-stub.ts';

const run = promisify(execFile);
const onLinux = process.platform === 'linux' ? {} : { skip: 'ELF files are what Linux starts' };

// Shared struct fields are compared and exchanged through the function that used to come from libatomic.
const program = `
  const Shared = new SharedStructType(['x']);
  const shared = new Shared();
  shared.x = 1;
  const swapped = Atomics.compareExchange(shared, 'x', 1, 2);
  const refused = Atomics.compareExchange(shared, 'x', 1, 3);
  console.log(swapped, refused, shared.x);
`;

describe('a Linux runtime freed of libatomic', onLinux, () => {
  test('starts, and compares and exchanges as before', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'yunque-libatomic-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const runtime = join(folder, 'node');
    await copyFile(process.execPath, runtime);
    const bytes = await readFile(runtime);
    assert.equal(dropLibatomic(bytes), true);
    await writeFile(runtime, bytes);
    const { stdout, stderr } = await run(runtime, ['--harmony-struct', '-e', program], { env: {} });
    assert.equal(stdout, '1 2 2\n');
    assert.equal(stderr, '');
  });

  test('is left as it is the second time', async () => {
    const bytes = await readFile(process.execPath);
    dropLibatomic(bytes);
    const once = Buffer.from(bytes);
    assert.equal(dropLibatomic(bytes), false);
    assert.ok(bytes.equals(once));
  });

  test('loses one library and keeps the order of the others', async () => {
    const bytes = await readFile(process.execPath);
    const before = neededLibraries(parseElf(bytes));
    dropLibatomic(bytes);
    const after = neededLibraries(parseElf(bytes));
    assert.deepEqual(
      after,
      before.filter((name) => name !== 'libatomic.so.1'),
    );
  });

  test('is refused unchanged where there is no room behind the program text', async () => {
    const bytes = await readFile(process.execPath);
    const text = parseElf(bytes).segments.find(({ isExecutable }) => isExecutable);
    assert.ok(text);
    bytes.fill(0x90, text.offset + text.fileBytes, text.offset + text.fileBytes + 64);
    const given = Buffer.from(bytes);
    assert.throws(() => dropLibatomic(bytes), /no room/);
    assert.ok(bytes.equals(given));
  });

  test('is refused unchanged where a caller asks for another size than 8', onX64(), async () => {
    const bytes = await readFile(process.execPath);
    // Every `mov edi, 8` becomes `mov edi, 4`.
    const eight = Buffer.from('bf08000000', 'hex');
    for (let at = bytes.indexOf(eight); at >= 0; at = bytes.indexOf(eight, at + 1)) bytes[at + 1] = 4;
    const given = Buffer.from(bytes);
    assert.throws(() => dropLibatomic(bytes), /another size than 8/);
    assert.ok(bytes.equals(given));
  });
});

test('the stub has code for both kinds of machine, and for no other', () => {
  assert.equal(compareExchangeStub(62).length, 34);
  assert.equal(compareExchangeStub(183).length, 64);
  assert.throws(() => compareExchangeStub(3), /no stub/);
});

function onX64(): { skip?: string } {
  return process.arch === 'x64' ? {} : { skip: 'the bytes changed here are x64 instructions' };
}
