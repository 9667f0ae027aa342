import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { removeAuthenticode } from '../../src/build/pe.ts';
import { targets } from '../../src/build/targets.ts';
import { ensureTargetBinaries, readOriginalRuntime } from '../support/binary.ts';
import { type ReadPe, readPe, readResource, resourceTypes } from '../support/pe-reader.ts';
import { requireTool } from '../support/tool.ts';

// None of this starts the program: that takes Windows. It judges the file as the loader would.

const SEA_MAGIC = 0x0143da20;

describe('the win-x64 binary', () => {
  let path: string;
  let binary: ReadPe;
  let runtime: ReadPe;
  before(
    async () => {
      const target = targets.find(({ name }) => name === 'win-x64');
      assert.ok(target);
      path = join(await ensureTargetBinaries(), 'yunque-win-x64.exe');
      binary = readPe(await readFile(path));
      runtime = readPe(await readOriginalRuntime(target));
    },
    { timeout: 200_000 },
  );

  test('has nothing left of the signature of Node', () => {
    assert.ok(runtime.security.size > 0, 'Node is signed');
    assert.deepEqual(binary.security, { offset: 0, size: 0 });
    const end = Math.max(...binary.sections.map(({ offset, fileBytes }) => offset + fileBytes));
    assert.equal(binary.bytes.length, end, 'something follows the last section');
  });

  test('has the right checksum, by a reader that finds the one of Node right', () => {
    assert.equal(runtime.computedChecksum, runtime.checksum);
    assert.equal(binary.computedChecksum, binary.checksum);
  });

  test('is unsigned and has the right checksum for osslsigncode too', { timeout: 300_000 }, async () => {
    const osslsigncode = await requireTool('osslsigncode', 'osslsigncode');
    const said = await new Promise<string>((resolve) => {
      execFile(osslsigncode, ['verify', path], (_error, stdout, stderr) => resolve(`${stdout}${stderr}`));
    });
    assert.match(said, /No signature found/);
    assert.match(said, new RegExp(binary.checksum.toString(16), 'i'));
    assert.doesNotMatch(said, /invalid PE checksum|mismatch/i);
  });

  test('has sections that follow each other in file and memory and fill the image', () => {
    const { sections, sectionAlignment, imageBytes } = binary;
    sections.forEach((current, index) => {
      const end = current.address + Math.ceil(current.memoryBytes / sectionAlignment) * sectionAlignment;
      const next = sections[index + 1];
      assert.equal(end, next?.address ?? imageBytes, current.name);
      if (next !== undefined) assert.equal(current.offset + current.fileBytes, next.offset, next.name);
    });
  });

  test('carries the program where Node looks for it, and Node is told to look', () => {
    const blob = readResource(binary, 'NODE_SEA_BLOB');
    assert.ok(blob);
    assert.equal(blob.readUInt32LE(0), SEA_MAGIC);
    assert.ok(blob.includes('__url'), 'the bundle is not in it');
    const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:';
    assert.ok(runtime.bytes.includes(`${fuse}0`));
    assert.ok(binary.bytes.includes(`${fuse}1`));
  });

  test('has the code and data of Node unchanged, but for the resources and the fuse', () => {
    assert.equal(binary.entryPoint, runtime.entryPoint);
    let differences = 0;
    for (const section of runtime.sections.filter(({ name }) => name !== '.rsrc')) {
      const same = binary.sections.find(({ name }) => name === section.name);
      assert.equal(same?.address, section.address, section.name);
      const size = Math.min(section.memoryBytes, section.fileBytes);
      for (let index = 0; index < size; index++) {
        if (runtime.bytes[section.offset + index] !== binary.bytes[same.offset + index]) differences++;
      }
    }
    assert.equal(differences, 1);
  });

  test('keeps the kinds of resources Node has, its manifest among them', () => {
    const RCDATA = '10';
    const MANIFEST = '24';
    const given = resourceTypes(runtime);
    assert.ok(given.includes(MANIFEST), `${given}`);
    assert.deepEqual(resourceTypes(binary), [...new Set([...given, RCDATA])].sort());
  });
});

describe('taking a signature off', () => {
  test('is refused where something follows the signature', async () => {
    const target = targets.find(({ name }) => name === 'win-x64');
    assert.ok(target);
    const longer = Buffer.concat([await readOriginalRuntime(target), Buffer.from('more')]);
    assert.throws(() => removeAuthenticode(longer), /not the end/);
  });

  test('is refused for a file that is no Windows executable', () => {
    assert.throws(() => removeAuthenticode(Buffer.alloc(1024)), /not a Windows executable/);
  });
});
