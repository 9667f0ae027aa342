import { groupKeys, labelOf, promptKeys, suspendKey } from './keys.ts';
import { layoutFor } from './layout.ts';
import type { Size } from './view-state.ts';

/** A key and what it does, or a word of the screen and what it means. Without the second: a heading. */
export interface HelpEntry {
  readonly name: string;
  readonly says: string;
}

/** Terminal columns of a name, a space behind it included. */
export const nameWidth = 16;
const leastColumnWidth = 38;

const legend: readonly HelpEntry[] = [
  { name: 'in the header', says: '' },
  { name: 'OK', says: 'or DEGRADED, CRITICAL, and why; RECONNECTING: figures are old' },
  { name: 'online', says: 'connections now; users that have one; groups with members' },
  { name: 'in/s out/s', says: 'messages accepted, and messages handed to sockets' },
  { name: 'drop/s', says: 'messages not delivered, and for which reasons' },
  { name: 'delivered', says: 'of all that had a receiver, over the last 60 samples' },
  { name: 'p50/p99', says: 'from a message to the socket, in the last interval' },
  { name: 'loop', says: 'how late the busiest node is (event loop, p99)' },
  { name: 'slow queue', says: 'clients that read too slowly; bytes waiting for clients' },
  { name: '', says: '' },
  { name: 'filters', says: '' },
  { name: 'any words', says: 'the rows that have them' },
  { name: '2 6 clients', says: 'uid=bob node~push-1 dialect!=cim idleSeconds>30 groups~vip' },
  { name: '3 groups', says: 'group~vip members>100 system=shop; 4: connections>100' },
  { name: '5 messages', says: 'asked of the nodes: uid= client= group= system= direction=in' },
];

/** Help, line by line: the keys from the key table, in as many columns as the height asks for and the width allows, then what the words of the screen mean. */
export function helpLines(size: Size): readonly (readonly HelpEntry[])[] {
  const layout = layoutFor(size);
  const height = layout === 'too-small' ? size.rows : layout.listRows + 1;
  const keys = keyEntries();
  const columns = Math.min(
    Math.ceil((keys.length + legend.length + 1) / height),
    Math.max(1, Math.floor((size.columns - 2) / leastColumnWidth)),
    2,
  );
  const perColumn = Math.ceil(keys.length / columns);
  const keyLines = Array.from({ length: perColumn }, (_, line) =>
    Array.from({ length: columns }, (_, column) => keys[column * perColumn + line]).filter(
      (entry) => entry !== undefined,
    ),
  );
  return [...keyLines, [], ...legend.map((entry) => [entry])];
}

function keyEntries(): readonly HelpEntry[] {
  return [
    ...groupKeys((binding) => binding.help).map(({ keys, says }) => ({ name: keys.map(labelOf).join(' '), says })),
    { name: labelOf(suspendKey.key), says: suspendKey.help },
    { name: '', says: '' },
    { name: 'while typing', says: '' },
    ...promptKeys.map(({ key, help }) => ({ name: labelOf(key), says: help })),
  ];
}
