import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action } from '../../../src/tui/state/keys.ts';
import { firstLine } from '../../../src/tui/state/move.ts';
import { cursorOf, rowNumbers } from '../../../src/tui/state/paging.ts';
import { reduce } from '../../../src/tui/state/reduce.ts';
import { reducePrompt } from '../../../src/tui/state/reduce-prompt.ts';
import {
  initialState,
  type ListFacts,
  listOf,
  selectedIndex,
  type ViewState,
} from '../../../src/tui/state/view-state.ts';

const size = { columns: 80, rows: 24 };
const nodes = initialState({ view: 'nodes', filter: '', intervalMs: 1000, size });
const clients = initialState({ view: 'clients', filter: '', intervalMs: 1000, size });
const sortable = [
  { id: 'name', isFigure: false },
  { id: 'queue', isFigure: true },
];
const facts: ListFacts = { keys: ['a', 'b', 'c'], height: 3, sortable };

function after(state: ViewState, actions: readonly Action[], known: ListFacts = facts): ViewState {
  return actions.reduce((next, action) => reduce(next, action, known), state);
}

/** A key or text while a filter is typed. */
function reduceFilterInput(state: ViewState, key: string | undefined, text: string): ViewState {
  return reducePrompt(state, state.prompt ?? { kind: 'filter', former: '' }, key, text).state;
}

test('the selection follows its row when rows move, and its place when the row is gone', () => {
  const list = listOf(after(nodes, ['down']));
  assert.equal(selectedIndex(list, ['a', 'b', 'c']), 1);
  assert.equal(selectedIndex(list, ['x', 'y', 'b']), 2);
  assert.equal(selectedIndex(list, ['x', 'y', 'z']), 1);
  assert.equal(selectedIndex(list, ['x']), 0);
  assert.equal(selectedIndex(list, []), 0);
});

test('moving stops at both ends of a list that is all there', () => {
  assert.equal(listOf(after(nodes, ['up'])).selectedIndex, 0);
  assert.equal(listOf(after(nodes, ['down', 'down', 'down', 'down'])).selectedIndex, 2);
  assert.equal(listOf(after(nodes, ['end'])).selectedIndex, 2);
  assert.equal(listOf(after(nodes, ['end', 'home'])).selectedIndex, 0);
});

test('going down past the last client turns the page, and up past the first turns back', () => {
  const paged = { ...facts, isPaged: true, next: { cursor: 'after-c', rows: 3 } };
  const second = after(clients, ['down', 'down', 'down'], paged);
  assert.equal(cursorOf(listOf(second).page), 'after-c');
  assert.equal(listOf(second).selectedIndex, 0);
  assert.deepEqual(rowNumbers(listOf(second).page, 3, 9), [4, 6]);
  const back = after(second, ['up'], { ...facts, isPaged: true });
  assert.equal(cursorOf(listOf(back).page), undefined);
  assert.equal(listOf(back).selectedIndex, 2);
});

test('a page that has not come yet is not left again', () => {
  const second = after(clients, ['pageDown', 'pageDown'], {
    ...facts,
    isPaged: true,
    next: { cursor: 'after-c', rows: 3 },
  });
  assert.equal(listOf(second).page.trail.length, 3);
  const waiting = after(clients, ['pageDown'], { ...facts, isPaged: true, next: { cursor: 'after-c', rows: 3 } });
  assert.equal(listOf(after(waiting, ['pageDown', 'pageDown'], facts)).page.trail.length, 2);
});

test('the end of the client list is its beginning in reverse', () => {
  const paged = { ...facts, isPaged: true, next: { cursor: 'x', rows: 3 } };
  const end = after(clients, ['end'], paged);
  assert.equal(listOf(end).page.fromEnd, true);
  assert.deepEqual(rowNumbers(listOf(end).page, 3, 100), [98, 100]);
  const above = after(end, ['pageUp'], paged);
  assert.equal(cursorOf(listOf(above).page), 'x');
  assert.deepEqual(rowNumbers(listOf(above).page, 3, 100), [95, 97]);
  assert.deepEqual(rowNumbers(listOf(after(above, ['pageDown'], paged)).page, 3, 100), [98, 100]);
  assert.equal(listOf(after(above, ['home'], paged)).page.fromEnd, false);
});

test('another order or filter starts at the first row', () => {
  const paged = { ...facts, isPaged: true, next: { cursor: 'x', rows: 3 } };
  const second = after(clients, ['pageDown', 'down'], paged);
  for (const changed of [
    after(second, ['reverse']),
    after(second, ['sortNext']),
    reduceFilterInput(second, undefined, 'a'),
  ]) {
    assert.equal(cursorOf(listOf(changed).page), undefined);
    assert.equal(listOf(changed).selectedIndex, 0);
  }
});

test('< and > go round the columns, figures largest first', () => {
  const sorts = (actions: Action[]) => listOf(after(nodes, actions)).sort;
  assert.deepEqual(sorts(['sortNext']), { by: 'name', descending: false });
  assert.deepEqual(sorts(['sortNext', 'sortNext']), { by: 'queue', descending: true });
  assert.deepEqual(sorts(['sortNext', 'sortNext', 'sortNext']), { by: 'name', descending: false });
  assert.deepEqual(sorts(['sortPrevious']), { by: 'queue', descending: true });
  assert.deepEqual(sorts(['sortPrevious', 'reverse']), { by: 'queue', descending: false });
});

test('each view keeps its own filter, order and place', () => {
  const filtered = reduceFilterInput(after(nodes, ['filter']), undefined, 'abc');
  const other = after(reduceFilterInput(filtered, 'enter', ''), ['nextView']);
  assert.equal(listOf(other).filter, '');
  assert.equal(listOf(after(other, ['previousView'])).filter, 'abc');
  assert.equal(after(nodes, ['previousView']).view, 'queues');
});

test('a filter is typed, corrected by whole characters, kept or undone', () => {
  const typing = after(nodes, ['filter']);
  const typed = reduceFilterInput(typing, undefined, 'a👩‍👩‍👧‍👦');
  assert.equal(listOf(typed).filter, 'a👩‍👩‍👧‍👦');
  const corrected = reduceFilterInput(typed, 'backspace', '');
  assert.equal(listOf(corrected).filter, 'a');
  assert.equal(listOf(reduceFilterInput(corrected, 'backspace', '')).filter, '');
  const kept = reduceFilterInput(corrected, 'enter', '');
  assert.equal(kept.prompt, undefined);
  assert.equal(listOf(kept).filter, 'a');
  const again = reduceFilterInput(after(kept, ['filter']), undefined, 'bc');
  assert.equal(listOf(reduceFilterInput(again, 'esc', '')).filter, 'a');
  assert.equal(listOf(reduceFilterInput(again, 'ctrl-u', '')).filter, '');
  assert.equal(reduceFilterInput(again, 'ctrl-c', '').ending, 'interrupt');
});

test('Esc closes what lies over a list first, and clears its filter then', () => {
  const filtered = reduceFilterInput(after(nodes, ['filter']), undefined, 'x');
  const helped = after(reduceFilterInput(filtered, 'enter', ''), ['help']);
  const closed = after(helped, ['back']);
  assert.equal(closed.overlay, 'none');
  assert.equal(listOf(closed).filter, 'x');
  assert.equal(listOf(after(closed, ['back'])).filter, '');
});

test('Enter opens the details of the selected row, and closes them', () => {
  const opened = after(nodes, ['down', 'details']);
  assert.equal(opened.overlay, 'details');
  assert.equal(opened.openKey, 'b');
  assert.equal(after(opened, ['details']).overlay, 'none');
  assert.equal(after(nodes, ['details'], { ...facts, keys: [] }).overlay, 'none');
});

test('the interval goes up and down in steps and stops at both ends', () => {
  assert.equal(after(nodes, ['slower']).intervalMs, 2000);
  assert.equal(after(nodes, ['faster']).intervalMs, 500);
  assert.equal(after(nodes, Array(9).fill('faster')).intervalMs, 250);
  assert.equal(after(nodes, Array(9).fill('slower')).intervalMs, 60_000);
});

test('what is sorted is the list, not what lies over it', () => {
  const opened = after(nodes, ['details']);
  assert.deepEqual(after(opened, ['reverse', 'sortNext']), opened);
});

test('the first row of all is a place: what comes in above is selected then', () => {
  const list = listOf(after(nodes, ['end', 'home']));
  assert.equal(selectedIndex(list, ['new', 'a', 'b', 'c']), 0);
});

test('the row whose details were open stays selected, whatever has come in above', () => {
  const list = listOf(after(nodes, ['details', 'back']));
  assert.equal(selectedIndex(list, ['new', 'a', 'b', 'c']), 1);
});

test('an overlay that has become shorter shows its last lines, and scrolls from there', () => {
  const scrolled = after(after(nodes, ['details']), ['end'], { ...facts, lines: 50 });
  assert.equal(scrolled.scroll, 46);
  assert.equal(firstLine(scrolled, 6, 4), 2);
  assert.equal(firstLine(scrolled, 1, 4), 0);
  assert.equal(after(scrolled, ['up'], { ...facts, lines: 6 }).scroll, 1);
});
