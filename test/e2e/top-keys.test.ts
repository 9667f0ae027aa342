import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Action, bindings } from '../../src/tui/state/keys.ts';
import { ensureBinary } from '../support/binary.ts';
import { startFakeAdmin } from '../support/fake-admin.ts';
import { openTerminal, type Terminal } from '../support/pty.ts';

/** What a terminal sends for the keys that are no character. */
const bytes: Readonly<Record<string, string>> = {
  'ctrl-c': '\u0003',
  tab: '\t',
  'shift-tab': '\u001b[Z',
  enter: '\r',
  esc: '\u001b',
  up: '\u001b[A',
  down: '\u001b[B',
  left: '\u001b[D',
  right: '\u001b[C',
  pageup: '\u001b[5~',
  pagedown: '\u001b[6~',
  home: '\u001b[H',
  end: '\u001b[F',
};

/** From a list of clients with its second row selected: what an action shows, and what is typed to come back. */
interface Proof {
  /** Typed first, and what that shows. */
  readonly before?: readonly [keys: string, shows: RegExp];
  readonly shows: RegExp | ((terminal: Terminal) => boolean);
  readonly after?: string;
}

/** Which row of the clients is selected, from 0. */
const selected = ({ screen }: Terminal) =>
  screen.lines.findIndex((line) => line.startsWith('›')) -
  screen.lines.findIndex((line) => line.includes('UID/CLIENT')) -
  1;
const firstPage = /1-1\d of 2,000/;
const isFirst = ({ screen }: Terminal) => firstPage.test(screen.text);

const proofs: Readonly<Record<Exclude<Action, 'quit' | 'interrupt'>, Proof>> = {
  help: { shows: /Ctrl-C.*quit/, after: '?' },
  nodes: { shows: /node-b +.*serving/ },
  clients: { before: ['1', /node-b/], shows: firstPage },
  groups: { shows: /room-1 / },
  systems: { shows: /1-2 of 2/ },
  messages: { shows: /你好 29/ },
  slow: { shows: /1-1\d of 10\d/ },
  events: { shows: /disconnected/ },
  queues: { shows: /queue/ },
  nextView: { shows: /room-1 / },
  previousView: { shows: /node-b +.*serving/ },
  filter: { shows: (terminal) => !terminal.screen.text.includes('q quit'), after: '\u001b' },
  details: { shows: /clientId/, after: '\u001b' },
  back: { before: ['/bob\r', /1-1\d of 152/], shows: firstPage },
  up: { shows: (terminal) => selected(terminal) === 0 },
  down: { shows: (terminal) => selected(terminal) === 2 },
  pageDown: { shows: /1\d-3\d of 2,000/ },
  pageUp: { before: ['l', /1\d-3\d/], shows: firstPage },
  end: { shows: /-2,000 of 2,000/ },
  home: { before: ['G', /-2,000 of/], shows: firstPage },
  sortPrevious: { shows: /DROP↓/ },
  sortNext: { shows: /UID\/CLIENT↑/ },
  reverse: { shows: /UID\/CLIENT↓/, after: 'r' },
  figures: { before: ['1', /node-b/], shows: /OUT +DROPS?/, after: 'R' },
  kick: { shows: /disconnect client #/i, after: 'n' },
  message: { shows: /message to client/, after: '\u001b' },
  tail: { shows: /你好 29/, after: '\u001b' },
  json: { shows: /"cid": "/, after: 'y' },
  save: { shows: /yunque-\d{8}-\d{6}\.json/, after: '\u001b' },
  pause: { shows: /PAUSED/, after: 'p' },
  slower: { shows: /every 500ms/, after: '-' },
  faster: { before: ['+', /every 500ms/], shows: /every 250ms/ },
};

test('every key of the table does what it says, in a real terminal', async () => {
  await using admin = await startFakeAdmin();
  const args = ['top', '-s', admin.url, '--interval', '250ms', '--view', 'clients'];
  await using terminal = await openTerminal({ command: await ensureBinary(), args });
  await terminal.shows(firstPage);
  for (const { action, keys, silent = [] } of bindings) {
    if (action === 'quit' || action === 'interrupt') continue;
    const { before, shows, after } = proofs[action];
    const isShown = () => (typeof shows === 'function' ? shows(terminal) : shows.test(terminal.screen.text));
    for (const key of [...keys, ...silent]) {
      terminal.type('2g');
      await terminal.until(`the first row before ${key}`, () => isFirst(terminal) && selected(terminal) === 0);
      terminal.type('j');
      await terminal.until(`the second row before ${key}`, () => selected(terminal) === 1);
      if (before) {
        terminal.type(before[0]);
        await terminal.shows(before[1]);
      }
      terminal.type(bytes[key] ?? key);
      await terminal.until(`${action} at ${key}`, isShown);
      if (after === undefined) continue;
      terminal.type(after);
      // What follows Esc at once would be one key with it.
      await terminal.until(`the way back from ${action}`, () => !isShown());
    }
  }
  terminal.type('q');
  assert.equal(await terminal.exit, 0);
});
