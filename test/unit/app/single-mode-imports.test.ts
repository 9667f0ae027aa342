import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { importsOf } from '../../support/imports.ts';

const src = join(import.meta.dirname, '../../../src');

/** Files and packages that loading `file` loads with it. */
function loadedWith(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  if (!file.endsWith('.ts')) return found;
  for (const { module, how } of importsOf(readFileSync(file, 'utf8'))) {
    if (how !== 'static') continue;
    if (module.startsWith('.')) loadedWith(join(dirname(file), module), found);
    else found.add(module);
  }
  return found;
}

test('a node that serves alone loads neither gRPC nor anything of the workers', () => {
  const loaded = [...loadedWith(join(src, 'cli/commands/serve.ts'))].map((file) => relative(src, file));
  assert.ok(loaded.includes('app/node.ts'));
  assert.deepEqual(
    loaded.filter((file) => /@grpc|ingress\/grpc|workers\/|bus\/rpc|routing\/cluster/.test(file)),
    [],
  );
});
