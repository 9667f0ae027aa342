import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { RotateKeyRequest } from '../../src/api/admin.ts';
import { ensureBinary } from '../support/binary.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { openTerminal } from '../support/pty.ts';
import { join } from '../support/ws-clients.ts';

/** The dashboard of the built binary, over TCP, with a key that was made for it. */
async function openTop(t: TestContext, node: TestNode, grant: RotateKeyRequest) {
  const folder = await mkdtemp(joinPath(tmpdir(), 'yunque-top-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { key, info } = await node.admin.rotateKey(grant);
  const keyFile = joinPath(folder, 'top.key');
  await writeFile(keyFile, `${key}\n`, { mode: 0o600 });
  const args = ['top', '-s', node.url, '--interval', '100ms'];
  const terminal = await openTerminal({ command: await ensureBinary(), args, env: { YUNQUE_KEY_FILE: keyFile } });
  return { terminal, keyId: info.id };
}

test('a key of role read is enough for every view, details and filters', async (t) => {
  await using node = await startTestNode();
  const alice = await join(node, 'yunque', { bind: { uid: 'alice', channel: 'web', deviceId: 'd' } });
  const { terminal } = await openTop(t, node, { owner: 'operator', role: 'read' });
  await using screen = terminal;
  await screen.shows(/● OK/);
  await screen.shows(/nodes {6}1\/1 {2}online {7}1 {2}users {8}1 /);
  screen.type('2');
  await screen.shows(/› alice +127\.0\.0\.1 /);
  screen.type('\r');
  await screen.shows(/device +d\b/);
  screen.type('\u001b');
  await screen.shows(/› alice/);
  screen.type('/nobody');
  await screen.shows(/no client matches/);
  // The line at the bottom is the last of a frame to be drawn.
  await screen.until('the line of the filter', () => !screen.screen.text.includes('q quit'));
  screen.type('\r');
  await screen.shows(/q quit/);
  screen.type('q');
  assert.equal(await screen.exit, 0);
  await alice.close();
});

test('a key that is taken back while it runs is told as the cause, the last figures stay, and q still ends it', async (t) => {
  await using node = await startTestNode();
  const { terminal, keyId } = await openTop(t, node, { owner: 'operator', role: 'read' });
  await using screen = terminal;
  await screen.shows(/● OK/);
  await node.admin.removeKey(keyId);
  await screen.shows(/■ RECONNECTING.*key/);
  await screen.shows(/nodes {6}1\/1/);
  screen.type('q');
  assert.equal(await screen.exit, 0);
});

test('a system’s own key opens no dashboard: exit 4 with the reason, on an untouched screen', async (t) => {
  await using node = await startTestNode();
  const { terminal } = await openTop(t, node, { owner: 'system', system: 'default', role: 'admin' });
  await using screen = terminal;
  assert.equal(await screen.exit, 4);
  await screen.shows(/a system’s own key may not do this/);
  assert.ok(!screen.output.includes('\u001b[?1049h'));
});
