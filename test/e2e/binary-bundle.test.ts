import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { bundle } from '../../src/build/bundle.ts';

const run = promisify(execFile);

describe('the bundle', () => {
  test('loads a builtin when it is first used, not when the program starts', async (t) => {
    const { stdout } = await runBundled(t, {
      'main.ts': `
        import http2, { connect } from 'node:http2';
        const isLoaded = () => process.moduleLoadList.includes('NativeModule http2');
        const before = isLoaded();
        const same = http2.connect === connect;
        console.log(before, same, isLoaded());`,
    });
    assert.equal(stdout, 'false true true\n');
  });

  test('gives named, default and namespace imports of a builtin as Node does', async (t) => {
    const { stdout } = await runBundled(t, {
      'main.ts': `
        import EventEmitter, { once } from 'node:events';
        import * as net from 'node:net';
        import * as path from 'node:path';
        import process from 'node:process';
        import { Duplex } from 'node:stream';
        class Own extends EventEmitter {}
        class Stream extends Duplex {}
        console.log(
          new Own() instanceof process.getBuiltinModule('node:events'),
          new net.Socket() instanceof Duplex,
          new Stream() instanceof EventEmitter,
          once === EventEmitter.once,
          path.join('a', 'b') === path.default.join('a', 'b'),
          process === globalThis.process,
        );`,
    });
    assert.equal(stdout, 'true true true true true true\n');
  });

  test('gives a required builtin as Node does', async (t) => {
    const { stdout } = await runBundled(t, {
      'main.ts': `import { isClass, basename } from './old.cjs'; console.log(isClass, basename('/a/b'));`,
      'old.cjs': `
        const EventEmitter = require('events');
        const { basename } = require('node:path');
        exports.isClass = new (class extends EventEmitter {})() instanceof EventEmitter;
        exports.basename = basename;`,
    });
    assert.equal(stdout, 'true b\n');
  });

  test('runs a dynamically imported module only when it is asked for', async (t) => {
    const { stdout } = await runBundled(t, {
      'main.ts': `
        console.log('started');
        const { answer } = await import('./command.ts');
        console.log(answer);`,
      'command.ts': `console.log('loaded'); export const answer = 42;`,
    });
    assert.equal(stdout, 'started\nloaded\n42\n');
  });

  test('keeps the names of functions and classes for stack traces', async (t) => {
    const { stdout } = await runBundled(t, {
      'main.ts': `
        class DeliveryError extends Error {}
        function planDelivery() { throw new DeliveryError('no'); }
        try { planDelivery(); } catch (error) { console.log(error.constructor.name, /planDelivery/.test(error.stack)); }`,
    });
    assert.equal(stdout, 'DeliveryError true\n');
  });

  test('knows its version and commit, and reads no package.json for them', async (t) => {
    const versionModule = JSON.stringify(join(import.meta.dirname, '../../src/util/version.ts'));
    const { stdout } = await runBundled(t, {
      'main.ts': `import { commit, version } from ${versionModule}; console.log(version(), commit());`,
    });
    assert.equal(stdout, '1.2.3 abcdef\n');
  });
});

/** Bundles `main.ts` of these files, as version 1.2.3 at commit abcdef, and runs it. */
async function runBundled(t: TestContext, files: Record<string, string>): Promise<{ stdout: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-bundle-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const outfile = join(folder, 'out.mjs');
  await bundle({ entry: join(folder, 'main.ts'), outfile, version: '1.2.3', commit: 'abcdef' });
  return run(process.execPath, [outfile], { env: {} });
}
