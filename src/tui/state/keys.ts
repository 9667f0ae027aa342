import type { View } from './view-state.ts';

/** What a key makes the dashboard do. */
export type Action =
  | 'quit'
  | 'interrupt'
  | 'help'
  | 'nextView'
  | 'previousView'
  | View
  | 'up'
  | 'down'
  | 'pageUp'
  | 'pageDown'
  | 'home'
  | 'end'
  | 'details'
  | 'back'
  | 'filter'
  | 'sortPrevious'
  | 'sortNext'
  | 'reverse'
  | 'figures'
  | 'kick'
  | 'message'
  | 'tail'
  | 'json'
  | 'save'
  | 'pause'
  | 'slower'
  | 'faster';

export interface Binding {
  readonly action: Action;
  /** As `keyName` spells them. */
  readonly keys: readonly string[];
  /** For help; bindings with the same words stand in one line. */
  readonly help: string;
  /** For the line at the bottom; absent: not there. */
  readonly hint?: string;
  /** Keys that work without being shown: `=` is the `+` key without Shift. */
  readonly silent?: readonly string[];
}

/** The one table of keys: what is pressed is looked up here, and help and the bottom line are made from it. */
export const bindings: readonly Binding[] = [
  { action: 'quit', keys: ['q'], help: 'quit', hint: 'quit' },
  { action: 'interrupt', keys: ['ctrl-c'], help: 'quit' },
  { action: 'help', keys: ['?'], help: 'this help', hint: 'help' },
  { action: 'nodes', keys: ['1'], help: 'open that view' },
  { action: 'clients', keys: ['2'], help: 'open that view' },
  { action: 'groups', keys: ['3'], help: 'open that view' },
  { action: 'systems', keys: ['4'], help: 'open that view' },
  { action: 'messages', keys: ['5'], help: 'open that view' },
  { action: 'slow', keys: ['6'], help: 'open that view' },
  { action: 'events', keys: ['7'], help: 'open that view' },
  { action: 'queues', keys: ['8'], help: 'open that view' },
  { action: 'nextView', keys: ['tab'], help: 'next, previous view', hint: 'view' },
  { action: 'previousView', keys: ['shift-tab'], help: 'next, previous view' },
  { action: 'filter', keys: ['/'], help: 'filter the rows', hint: 'filter' },
  { action: 'details', keys: ['enter'], help: 'details of the row', hint: 'open' },
  { action: 'back', keys: ['esc'], help: 'back, clear the filter', hint: 'back' },
  { action: 'up', keys: ['up', 'k'], help: 'row up, row down' },
  { action: 'down', keys: ['down', 'j'], help: 'row up, row down' },
  { action: 'pageUp', keys: ['pageup', 'left', 'h'], help: 'page up' },
  { action: 'pageDown', keys: ['pagedown', 'right', 'l'], help: 'page down' },
  { action: 'home', keys: ['home', 'g'], help: 'first row, last row' },
  { action: 'end', keys: ['end', 'G'], help: 'first row, last row' },
  { action: 'sortPrevious', keys: ['<'], help: 'sort by left, right', hint: 'sort' },
  { action: 'sortNext', keys: ['>'], help: 'sort by left, right', hint: 'sort' },
  { action: 'reverse', keys: ['r'], help: 'reverse the order', hint: 'reverse' },
  { action: 'figures', keys: ['R'], help: 'totals, rates', hint: 'totals' },
  { action: 'kick', keys: ['x'], help: 'disconnect, asks first', hint: 'kick' },
  { action: 'message', keys: ['m'], help: 'send the row a message', hint: 'message' },
  { action: 'tail', keys: ['t'], help: 'its messages, live', hint: 'tail' },
  { action: 'json', keys: ['y'], help: 'the row as JSON', hint: 'JSON' },
  { action: 'save', keys: ['S'], help: 'save all of it as JSON' },
  { action: 'pause', keys: ['p'], help: 'pause, go on', hint: 'pause' },
  { action: 'slower', keys: ['+'], silent: ['='], help: 'slower, faster', hint: 'interval' },
  { action: 'faster', keys: ['-'], help: 'slower, faster', hint: 'interval' },
];

/** Keys while something is being typed. `hint`: also for the line at the bottom. */
export const promptKeys: readonly { readonly key: string; readonly help: string; readonly hint?: string }[] = [
  { key: 'enter', help: 'take what was typed', hint: 'take' },
  { key: 'esc', help: 'undo the typing', hint: 'cancel' },
  { key: 'ctrl-u', help: 'empty the line' },
  { key: 'tab', help: 'to client, to its user' },
];

/** To the shell that started it, and back with its `fg`: for the terminal, whatever is shown. */
export const suspendKey = { key: 'ctrl-z', help: 'to the shell, fg: back' } as const;

const labels: Readonly<Record<string, string>> = {
  tab: 'Tab',
  'shift-tab': 'Shift-Tab',
  enter: 'Enter',
  esc: 'Esc',
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  'ctrl-c': 'Ctrl-C',
  'ctrl-u': 'Ctrl-U',
  'ctrl-z': 'Ctrl-Z',
};

export function labelOf(key: string): string {
  return labels[key] ?? key;
}

export function actionFor(key: string): Action | undefined {
  return bindings.find(({ keys, silent }) => keys.includes(key) || silent?.includes(key))?.action;
}

/** Bindings grouped by the words `of` gives them, in the table's order: the rows of help, the hints at the bottom. */
export function groupKeys(
  of: (binding: Binding) => string | undefined,
): readonly { readonly keys: readonly string[]; readonly says: string }[] {
  const groups = new Map<string, string[]>();
  for (const binding of bindings) {
    const says = of(binding);
    if (says === undefined) continue;
    groups.set(says, [...(groups.get(says) ?? []), ...binding.keys]);
  }
  return [...groups].map(([says, keys]) => ({ keys, says }));
}

/** The part of Ink's `Key` that names a key. */
export interface RawKey {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly leftArrow: boolean;
  readonly rightArrow: boolean;
  readonly pageUp: boolean;
  readonly pageDown: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly tab: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly meta: boolean;
}

/** `up`, `shift-tab`, `ctrl-c`, … or undefined where what came is text. */
export function keyName(input: string, key: RawKey): string | undefined {
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.leftArrow) return 'left';
  if (key.rightArrow) return 'right';
  if (key.pageUp) return 'pageup';
  if (key.pageDown) return 'pagedown';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.return) return 'enter';
  if (key.escape) return 'esc';
  if (key.tab) return key.shift ? 'shift-tab' : 'tab';
  if (key.backspace || key.delete) return 'backspace';
  if (key.ctrl) return `ctrl-${input}`;
  if (key.meta) return `alt-${input}`;
  return undefined;
}
