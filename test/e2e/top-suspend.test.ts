import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ensureBinary } from '../support/binary.ts';
import { startFakeAdmin } from '../support/fake-admin.ts';
import { openTerminal } from '../support/pty.ts';

test('Ctrl-Z goes to the shell with the terminal as it was, and fg comes back to the same view', async () => {
  await using admin = await startFakeAdmin();
  await using terminal = await openTerminal({ command: 'bash', args: ['--norc', '--noprofile', '-i'] });
  await terminal.shows(/bash-/);
  terminal.type(`${await ensureBinary()} top -s ${admin.url} --interval 100ms --view groups\r`);
  await terminal.shows(/room-1 /);
  terminal.type('\u001a');
  await terminal.shows(/Stopped/);
  // Typed letters are seen, and lines are lines.
  terminal.type('echo $((40+2))\r');
  await terminal.shows(/^42/m);
  terminal.type('fg\r');
  await terminal.shows(/room-1 /);
  terminal.type('4');
  await terminal.shows(/1-2 of 2/);
  terminal.type('q');
  await terminal.shows(/Stopped/);
  terminal.type('exit\r');
  assert.equal(await terminal.exit, 0);
});
