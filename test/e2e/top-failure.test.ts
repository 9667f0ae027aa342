import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTerminal } from '../support/pty.ts';

const leave = '\u001b[?1049l';

for (const [what, flag, message] of [
  ['an error nobody caught', '--crash', 'made to fail'],
  ['an error while drawing', '--break', 'Cannot read properties of undefined'],
] as const) {
  test(`${what} ends it, gives the terminal back first, and is what its caller gets`, async () => {
    const args = [join(import.meta.dirname, '../support/fake-top.ts'), flag];
    await using terminal = await openTerminal({ command: process.execPath, args });
    await terminal.shows('OK');
    terminal.signal('SIGUSR2');
    assert.equal(await terminal.exit, 1);
    assert.ok(!terminal.screen.isAlternate);
    assert.ok(terminal.screen.isCursorShown);
    const after = terminal.output.slice(terminal.output.indexOf(leave));
    assert.match(after, new RegExp(`rejected: \\w*Error: ${message}`));
    assert.match(after, /at .*\.tsx?:\d+/);
  });
}
