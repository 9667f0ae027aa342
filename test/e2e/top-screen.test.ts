import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ensureBinary } from '../support/binary.ts';
import { startFakeAdmin } from '../support/fake-admin.ts';
import { openTerminal, type TerminalOptions } from '../support/pty.ts';
import { createTerminalScreen } from '../support/terminal-screen.ts';

const enter = '\u001b[?1049h';
const leave = '\u001b[?1049l';
const showCursor = '\u001b[?25h';

/** The dashboard of the built binary, in a real pseudo-terminal, on made-up figures. */
async function openTop(url: string, more: Partial<TerminalOptions> = {}, flags: readonly string[] = []) {
  const args = ['top', '-s', url, '--interval', '200ms', ...flags];
  return await openTerminal({ command: await ensureBinary(), args, ...more });
}

/** The terminal as it was: main screen, cursor, and no drawing afterwards. */
function assertRestored(output: string): void {
  assert.equal(output.split(enter).length, 2, 'entered once');
  assert.equal(output.split(leave).length, 2, 'left once');
  assert.ok(output.indexOf(enter) < output.indexOf(leave));
  const left = createTerminalScreen(200, 60);
  left.write(output.slice(0, output.indexOf(leave)));
  assert.equal(left.text.trim(), '', 'the screen is emptied before it is left');
  const after = output.slice(output.indexOf(leave) + leave.length);
  assert.ok(after.includes(showCursor), 'the cursor is back');
  assert.equal(after.replaceAll(showCursor, '').trim(), '', 'nothing is drawn on the main screen');
}

for (const [what, exit, end] of [
  ['q', 0, (t) => t.type('q')],
  ['Ctrl-C', 130, (t) => t.type('\u0003')],
  ['SIGINT', 130, (t) => t.signal('SIGINT')],
  ['SIGTERM', 130, (t) => t.signal('SIGTERM')],
  ['SIGHUP', 130, (t) => t.signal('SIGHUP')],
  ['Ctrl-C while a filter is typed', 130, (t) => t.type('/q\u0003')],
] as [string, number, (terminal: Awaited<ReturnType<typeof openTop>>) => void][]) {
  test(`${what} ends it, and gives the terminal back as it was`, async () => {
    await using admin = await startFakeAdmin();
    await using terminal = await openTop(admin.url);
    await terminal.shows('OK');
    assert.ok(terminal.screen.isAlternate);
    end(terminal);
    assert.equal(await terminal.exit, exit);
    assertRestored(terminal.output);
    assert.ok(!terminal.screen.isAlternate);
    assert.ok(terminal.screen.isCursorShown);
  });
}

test('it ends when its terminal is closed', async () => {
  await using admin = await startFakeAdmin();
  await using terminal = await openTop(admin.url);
  await terminal.shows('OK');
  terminal.hangUp();
  assert.equal(await terminal.exit, 130);
});

test('the header, the views, help and details are shown at the keys that help names', async () => {
  await using admin = await startFakeAdmin();
  await using terminal = await openTop(admin.url);
  await terminal.shows(/● OK .*every 200ms/);
  await terminal.shows(/nodes {6}3\/3 {2}online {3}1,998 /);
  await terminal.shows(/in\/s +\d[\d,.]* +[▁▂▃▄▅▆▇█]+/);
  await terminal.shows(/loop +7.2 ms/);
  await terminal.shows(/› node-a +● serving/);
  terminal.type('2');
  await terminal.shows(/张伟 +10\.0\.2\.62 +node-c/);
  terminal.type('\u001b[B\u001b[B\r');
  await terminal.shows(/uid +张伟/);
  terminal.type('\u001b');
  await terminal.shows(/› 张伟/);
  terminal.type('?');
  await terminal.shows(/q Ctrl-C +quit/);
  terminal.type('?1');
  await terminal.shows(/› node-a/);
  terminal.type('\t');
  await terminal.shows(/1-15 of 2,000/);
});

test('a filter narrows the clients while it is typed, and Esc brings them back', async () => {
  await using admin = await startFakeAdmin();
  await using terminal = await openTop(admin.url, {}, ['--view', 'clients']);
  await terminal.shows('1-15 of 2,000');
  terminal.type('/bob');
  await terminal.shows(/1-15 of 152/);
  assert.doesNotMatch(terminal.screen.text, /alice/);
  terminal.type('\r');
  await terminal.shows(/filter bob/);
  terminal.type('\u001b');
  await terminal.shows('1-15 of 2,000');
});

test('names cannot write to the terminal', async () => {
  await using admin = await startFakeAdmin();
  await using terminal = await openTop(admin.url, {}, ['--view', 'clients', '--filter', 'mallory']);
  await terminal.shows(/› mallory /);
  assert.ok(!terminal.output.includes('\u0007'));
  assert.ok(!terminal.output.includes('mallory\u001b[31m'));
});

test('p stops the figures, and p again lets them go on', async () => {
  await using admin = await startFakeAdmin();
  await using terminal = await openTop(admin.url);
  await terminal.shows(/out\/s +\d/);
  terminal.type('p');
  await terminal.shows('PAUSED');
  const paused = terminal.screen.text;
  const asked = admin.stats.asked;
  await terminal.until('three more samples', () => admin.stats.asked >= asked + 3);
  assert.equal(terminal.screen.text, paused);
  terminal.type('p');
  await terminal.until(
    'other figures',
    () => terminal.screen.text !== paused && !terminal.screen.text.includes('PAUSED'),
  );
});

test('it follows the size of its terminal, larger, smaller and too small', async () => {
  await using admin = await startFakeAdmin();
  await using terminal = await openTop(admin.url, { columns: 80, rows: 24 });
  await terminal.shows('q quit');
  for (const [columns, rows] of [
    [140, 40],
    [100, 30],
    [60, 10],
    [80, 24],
  ] as const) {
    terminal.resize(columns, rows);
    await terminal.until(`${columns}x${rows}`, () => {
      const { lines } = terminal.screen;
      const tabs = lines.find((line) => line.includes('1 nodes'));
      const isWhole = /^ ● OK/.test(lines[0] ?? '') && /^ q quit/.test(lines[rows - 1] ?? '');
      return isWhole && tabs?.length === columns && lines.filter((line) => line.includes('q quit')).length === 1;
    });
  }
  terminal.resize(40, 8);
  await terminal.shows('too small: 40x8');
  terminal.type('q');
  assert.equal(await terminal.exit, 0);
  assertRestored(terminal.output);
});

test('it draws no more than ten frames a second, however fast the keys come', async () => {
  await using admin = await startFakeAdmin();
  await using terminal = await openTop(admin.url, {}, ['--view', 'clients']);
  await terminal.shows('1-15 of 2,000');
  const frames = () => terminal.output.split('\u001b[?2026h').length;
  const [before, since] = [frames(), performance.now()];
  const keys = setInterval(() => terminal.type('j'), 5);
  const asked = admin.stats.asked;
  await terminal.until('two seconds of samples', () => admin.stats.asked >= asked + 10);
  clearInterval(keys);
  const perSecond = (frames() - before) / ((performance.now() - since) / 1000);
  assert.ok(perSecond <= 10.5, `${perSecond} frames a second`);
  assert.ok(perSecond > 1, 'it draws at all');
});

test('a server that goes away is named with the cause, and found again when it is back', async () => {
  await using admin = await startFakeAdmin();
  await using terminal = await openTop(admin.url);
  await terminal.shows(/out\/s +\d/);
  await admin.stop();
  await terminal.shows(/■ RECONNECTING {2}figures \d+s old; .*cannot connect/);
  assert.match(terminal.screen.text, /node-a/);
  await admin.start();
  await terminal.shows('● OK');
});

test('NO_COLOR means no colour, and the screen says the same', async () => {
  await using admin = await startFakeAdmin();
  await using terminal = await openTop(admin.url, { env: { NO_COLOR: '1' } });
  await terminal.shows(/● OK/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes begin with one
  assert.doesNotMatch(terminal.output, /\u001b\[[\d;]*(3\d|9\d)m/);
});

test('where standard input is no terminal it shows without keys, and Ctrl-C still ends it', async () => {
  await using admin = await startFakeAdmin();
  const command = await ensureBinary();
  const line = `exec "${command}" top -s ${admin.url} </dev/null`;
  await using terminal = await openTerminal({ command: 'sh', args: ['-c', line] });
  await terminal.shows('Ctrl-C ends');
  terminal.type('\u0003');
  assert.equal(await terminal.exit, 130);
  assert.ok(!terminal.screen.isAlternate);
});

test('--max-refresh ends it by itself', async () => {
  await using admin = await startFakeAdmin();
  await using terminal = await openTop(admin.url, {}, ['--max-refresh', '3']);
  assert.equal(await terminal.exit, 0);
  assertRestored(terminal.output);
});

test('a server that cannot be reached at the start is said in words, on an untouched screen, with exit 5', async () => {
  const admin = await startFakeAdmin();
  await admin.stop();
  await using terminal = await openTop(admin.url);
  assert.equal(await terminal.exit, 5);
  assert.ok(!terminal.output.includes(enter));
  assert.match(terminal.output, /error: .*cannot connect/);
});
