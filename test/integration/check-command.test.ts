import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dialects } from '../../src/api/dialect.ts';
import { eventually } from '../support/eventually.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { cli } from '../unit/cli/run-cli.ts';

let node: TestNode;
let folder: string;
before(async () => {
  node = await startTestNode();
  folder = await mkdtemp(join(tmpdir(), 'yunque-check-'));
});
after(async () => {
  await node[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const keyFile = async (role: 'read' | 'operate') => {
  const { key } = await node.admin.rotateKey({ owner: 'operator', role });
  const file = join(folder, role);
  await writeFile(file, key, { mode: 0o600 });
  return file;
};

const quick = ['--interval', '100ms', '--warn', 'probe<5s,lag<5s,heap<100%', '--critical', 'probe<5s,lag<5s,heap<100%'];

test('a message goes all the way to a client of the probe in every dialect, and leaves nobody connected', async () => {
  const file = await keyFile('operate');
  for (const dialect of dialects) {
    const ran = await cli(['check', '-s', node.url, '--key-file', file, '--dialect', dialect, ...quick]);
    assert.equal(ran.exit, 0, ran.out);
    assert.match(ran.out, /^YUNQUE OK - 1 of 1 nodes, .* probe [\d.]+ ms \| probe=[\d.]+ms;/);
  }
  await eventually('nobody is connected', async () => (await node.admin.connections()).total === 0);
});

test('a key that may only read is unknown to the probe, and enough without it', async () => {
  const args = ['check', '-s', node.url, '--key-file', await keyFile('read'), ...quick];
  const probing = await cli(args);
  assert.equal(probing.exit, 3, probing.out);
  assert.match(probing.out, /^YUNQUE UNKNOWN - probe: /);
  const looking = await cli([...args.slice(0, 5), '--no-probe', '--interval', '100ms', '--warn', 'lag<5s,heap<100%']);
  assert.equal(looking.exit, 0, looking.out);
});
