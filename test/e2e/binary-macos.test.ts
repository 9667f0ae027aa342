import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { signAdHoc } from '../../src/build/mach-o-signature.ts';
import { targets } from '../../src/build/targets.ts';
import { ensureTargetBinaries, readOriginalRuntime } from '../support/binary.ts';
import { type ReadMachO, readFixups, readMachO, readSignature } from '../support/mach-o-reader.ts';
import { requireTool } from '../support/tool.ts';

// None of this starts the program: that takes a Mac. It judges the file as the kernel and the loader would.

const run = promisify(execFile);
const AD_HOC = 0x2;
const SEA_MAGIC = 0x0143da20;
const kernelPage = { 'macos-x64': 0x1000, 'macos-arm64': 0x4000 };

for (const name of ['macos-x64', 'macos-arm64'] as const) {
  describe(`the ${name} binary`, () => {
    let path: string;
    let binary: ReadMachO;
    let runtime: ReadMachO;
    before(
      async () => {
        const target = targets.find((candidate) => candidate.name === name);
        assert.ok(target);
        path = join(await ensureTargetBinaries(), `yunque-${name}`);
        binary = readMachO(await readFile(path));
        runtime = readMachO(await readOriginalRuntime(target));
      },
      { timeout: 200_000 },
    );

    test('has an ad-hoc signature whose hash of every page is right', () => {
      const signature = readSignature(binary);
      assert.deepEqual(signature.wrongPages, []);
      assert.equal(signature.flags & AD_HOC, AD_HOC);
      assert.equal(signature.identifier, 'yunque');
      const text = segment(binary, '__TEXT');
      assert.deepEqual(signature.execSegment, { base: text.offset, limit: text.fileBytes, flags: 1 });
    });

    test('is signed up to the signature, which is the end of the file', () => {
      const piece = binary.pieces.find(({ what }) => what === 'signature');
      assert.ok(piece);
      assert.equal(readSignature(binary).codeLimit, piece.offset);
      assert.equal(piece.offset + piece.size, binary.bytes.length);
      assert.equal(piece.offset % 16, 0);
    });

    test('is judged by a reader that finds the signature of Node itself right, and a changed byte in it', () => {
      const signature = readSignature(runtime);
      assert.deepEqual(signature.wrongPages, []);
      assert.ok(signature.pages > 30_000, `${signature.pages}`);
      const changed = Buffer.from(runtime.bytes);
      changed.writeUInt8(changed.readUInt8(5_000_000) ^ 1, 5_000_000);
      assert.deepEqual(readSignature(readMachO(changed)).wrongPages, [5_000_000 >> 12]);
    });

    test('has segments that follow each other in file and memory, __LINKEDIT last', () => {
      const { segments } = binary;
      const pageBytes = kernelPage[name];
      assert.equal(segments.at(-1)?.name, '__LINKEDIT');
      segments.forEach((current, index) => {
        assert.equal(current.address % pageBytes, 0, current.name);
        assert.equal(current.memoryBytes % pageBytes, 0, current.name);
        assert.equal(current.offset % pageBytes, 0, current.name);
        assert.ok(current.fileBytes <= current.memoryBytes, current.name);
        const next = segments[index + 1];
        const end = current.offset + current.fileBytes;
        assert.ok(next === undefined ? end === binary.bytes.length : end <= next.offset, current.name);
        if (next !== undefined) assert.equal(current.address + current.memoryBytes, next.address, next.name);
      });
      const firstContent = Math.min(
        ...segments.flatMap(({ sections }) => sections.map(({ offset }) => offset || 1e12)),
      );
      assert.ok(binary.commandsEnd <= firstContent, 'the load commands run into the program text');
    });

    test('has every piece of __LINKEDIT inside it, none over another', () => {
      const linkedit = segment(binary, '__LINKEDIT');
      const pieces = binary.pieces.toSorted((a, b) => a.offset - b.offset);
      assert.deepEqual(pieces.map(({ what }) => what).sort(), runtime.pieces.map(({ what }) => what).sort());
      let end = linkedit.offset;
      for (const { what, offset, size } of pieces) {
        assert.ok(offset >= end, `${what} begins inside its predecessor`);
        end = offset + size;
      }
      assert.equal(end, linkedit.offset + linkedit.fileBytes);
    });

    test('carries the program where Node looks for it, and Node is told to look', () => {
      const section = segment(binary, 'NODE_SEA').sections.find((candidate) => candidate.name === '__NODE_SEA_BLOB');
      assert.ok(section);
      const blob = binary.bytes.subarray(section.offset, section.offset + section.size);
      assert.equal(blob.readUInt32LE(0), SEA_MAGIC);
      assert.ok(blob.includes('__url'), 'the bundle is not in it');
      const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:';
      assert.ok(runtime.bytes.includes(`${fuse}0`));
      assert.ok(binary.bytes.includes(`${fuse}1`));
    });

    test("has the code and data of Node unchanged, but for the loader's commands and the fuse", () => {
      for (const part of ['__TEXT', '__DATA_CONST', '__DATA']) {
        const before = segment(runtime, part);
        const after = segment(binary, part);
        assert.equal(after.address, before.address);
        const start = part === '__TEXT' ? binary.commandsEnd : 0;
        const given = runtime.bytes.subarray(before.offset + start, before.offset + before.fileBytes);
        const found = binary.bytes.subarray(after.offset + start, after.offset + after.fileBytes);
        assert.equal(found.length, given.length);
        assert.ok(differences(given, found) <= 1, part);
      }
    });

    test('has every segment counted and every pointer adjusted at start as in Node', () => {
      const given = readFixups(runtime);
      const found = readFixups(binary);
      assert.equal(found.segmentCount, binary.segments.length);
      assert.ok(given.pointers.size > 100_000, `${given.pointers.size}`);
      assert.equal(found.pointers.size, given.pointers.size);
      for (const [address, pointer] of given.pointers) assert.equal(found.pointers.get(address), pointer);
    });

    test('is read by LLVM without complaint', { timeout: 300_000 }, async () => {
      const objdump = await requireTool('llvm-objdump', 'llvm');
      const { stdout, stderr } = await run(objdump, ['--macho', '--private-headers', path]);
      assert.match(stdout, /LC_CODE_SIGNATURE/);
      assert.equal(stderr, '');
    });

    test('comes out the same when it is signed again', () => {
      assert.ok(signAdHoc(binary.bytes, 'yunque').equals(binary.bytes));
    });
  });
}

function segment({ segments }: ReadMachO, name: string) {
  const found = segments.find((candidate) => candidate.name === name);
  assert.ok(found, `no segment ${name}`);
  return found;
}

function differences(a: Buffer, b: Buffer): number {
  let count = 0;
  for (let index = 0; index < a.length; index++) {
    if (a[index] !== b[index]) count++;
  }
  return count;
}
