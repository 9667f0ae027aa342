import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fetchLockedPackage, readLockedPackage } from '../../src/build/locked-package.ts';
import { targets } from '../../src/build/targets.ts';

const root = join(import.meta.dirname, '../..');
const content = 'what the registry gives';
const wanted = { name: 'node-some-machine', version: '1.2.3', integrity: integrityOf(content) };

describe('a runtime for another machine', () => {
  test('is pinned with a hash in the lock file, for every target, at the version of this Node', async () => {
    const { optionalDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    for (const { runtimePackage } of targets) {
      const locked = await readLockedPackage(join(root, 'package-lock.json'), runtimePackage);
      assert.equal(locked.version, process.versions.node);
      assert.equal(optionalDependencies[runtimePackage], process.versions.node);
      assert.match(locked.integrity, /^sha512-.{86}==$/);
    }
  });

  test('is fetched once with npm pack, and kept', async (t) => {
    const { cache, asked } = await fakeRegistry(t, content);
    const archive = await fetchLockedPackage(wanted, cache);
    assert.equal(await readFile(archive, 'utf8'), content);
    assert.equal(await fetchLockedPackage(wanted, cache), archive);
    assert.deepEqual(await asked(), ['node-some-machine@1.2.3']);
    assert.deepEqual(await readdir(cache), ['node-some-machine-1.2.3.tgz']);
  });

  test('is refused, and not kept, where it differs from the lock file', async (t) => {
    const { cache } = await fakeRegistry(t, 'something else');
    await assert.rejects(fetchLockedPackage(wanted, cache), (error: Error) => {
      assert.match(error.message, /another node-some-machine@1\.2\.3 than package-lock\.json promises; it is not used/);
      assert.ok(error.message.includes(`expected ${wanted.integrity}`));
      assert.ok(error.message.includes(`received ${integrityOf('something else')}`));
      return true;
    });
    assert.deepEqual(await readdir(cache), []);
  });

  test('is fetched again where the kept one was changed', async (t) => {
    const { cache, asked } = await fakeRegistry(t, content);
    await writeFile(join(cache, 'node-some-machine-1.2.3.tgz'), 'changed on the disk');
    assert.equal(await readFile(await fetchLockedPackage(wanted, cache), 'utf8'), content);
    assert.equal((await asked()).length, 1);
  });

  test('says that the registry may be out of reach where npm fails', async (t) => {
    const { cache } = await fakeRegistry(t, undefined);
    await assert.rejects(
      fetchLockedPackage(wanted, cache),
      /npm pack node-some-machine@1\.2\.3 failed; is the registry within reach\?\n.*no network/s,
    );
  });

  test('is refused where the lock file has no hash for it', async (t) => {
    const lock = join(await temporaryFolder(t), 'package-lock.json');
    await writeFile(lock, JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));
    await assert.rejects(readLockedPackage(lock, 'a'), /no sha512 integrity for a/);
    await assert.rejects(readLockedPackage(lock, 'b'), /has no package b/);
  });
});

/** An `npm` at the front of PATH that gives `content` for every package, or fails; and an empty cache. */
async function fakeRegistry(t: TestContext, content: string | undefined) {
  const folder = await temporaryFolder(t);
  const cache = await temporaryFolder(t);
  const log = join(folder, 'asked');
  await writeFile(join(folder, 'content'), content ?? '');
  await writeFile(log, '');
  const answer = `cp '${folder}/content' "$4/p.tgz" && echo '[{"filename":"p.tgz"}]'`;
  await writeFile(
    join(folder, 'npm'),
    `#!/bin/sh\necho "$5" >>'${log}'\n${content === undefined ? 'echo no network >&2; exit 1' : answer}\n`,
  );
  await chmod(join(folder, 'npm'), 0o755);
  const path = process.env['PATH'] ?? '';
  process.env['PATH'] = `${folder}${delimiter}${path}`;
  t.after(() => {
    process.env['PATH'] = path;
  });
  return {
    cache,
    async asked() {
      return (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');
    },
  };
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-download-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function integrityOf(text: string): string {
  return `sha512-${createHash('sha512').update(text).digest('base64')}`;
}
