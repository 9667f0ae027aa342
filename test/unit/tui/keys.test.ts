import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { helpLines, nameWidth } from '../../../src/tui/state/help-lines.ts';
import { actionFor, bindings, groupKeys, keyName, labelOf, type RawKey } from '../../../src/tui/state/keys.ts';
import { reduce } from '../../../src/tui/state/reduce.ts';
import { initialState } from '../../../src/tui/state/view-state.ts';

const none: RawKey = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageUp: false,
  pageDown: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  tab: false,
  backspace: false,
  delete: false,
  ctrl: false,
  shift: false,
  meta: false,
};

test('no key means two things', () => {
  const keys = bindings.flatMap((binding) => [...binding.keys, ...(binding.silent ?? [])]);
  assert.deepEqual(
    keys.filter((key, index) => keys.indexOf(key) !== index),
    [],
  );
});

test('every action of the key table changes something somewhere', () => {
  const facts = {
    keys: ['a', 'b', 'c', 'd'],
    height: 2,
    subject: { kind: 'system', system: 'default' } as const,
    sortable: [
      { id: 'node', isFigure: false },
      { id: 'in', isFigure: true },
    ],
  };
  const fresh = initialState({ view: 'nodes', filter: 'x', intervalMs: 1000, size: { columns: 80, rows: 24 } });
  const middle = reduce(reduce(reduce(fresh, 'down', facts), 'sortNext', facts), 'down', facts);
  for (const { action } of bindings) {
    const changed = [fresh, middle, { ...fresh, view: 'clients' as const }].some(
      (state) => reduce(state, action, facts) !== state,
    );
    assert.ok(changed, action);
  }
});

test('help names every key of the table once', () => {
  const shown = groupKeys((binding) => binding.help).flatMap(({ keys }) => keys);
  assert.deepEqual(shown.toSorted(), bindings.flatMap((binding) => binding.keys).toSorted());
});

test('help has every key on the screen or a scroll away, and each thing said fits at 80x24 without touching the next', () => {
  const entries = helpLines({ columns: 80, rows: 24 });
  const names = entries.flat().map(({ name }) => name);
  for (const { keys } of groupKeys((binding) => binding.help)) assert.ok(names.includes(keys.map(labelOf).join(' ')));
  for (const line of entries)
    for (const { name, says } of line) {
      assert.ok(name.length < nameWidth, name);
      assert.ok(says.length < 78 / line.length - nameWidth, says);
    }
});

test('keys are told from text', () => {
  assert.equal(keyName('', { ...none, upArrow: true }), 'up');
  assert.equal(keyName('', { ...none, tab: true, shift: true }), 'shift-tab');
  assert.equal(keyName('c', { ...none, ctrl: true }), 'ctrl-c');
  assert.equal(keyName('q', { ...none, meta: true }), 'alt-q');
  assert.equal(keyName('q', none), undefined);
  assert.equal(actionFor('q'), 'quit');
  assert.equal(actionFor('='), 'slower');
  assert.equal(actionFor('alt-q'), undefined);
  assert.equal(labelOf('pageup'), 'PgUp');
});

test('the documentation has every key and what it does', () => {
  const text = readFileSync(new URL('../../../docs/top.md', import.meta.url), 'utf8');
  for (const { keys, says } of groupKeys((binding) => binding.help)) {
    const row = `| ${keys.map((key) => `\`${labelOf(key)}\``).join(' ')} | ${says} |`;
    // Keys of the same words stand in one row of help; the table has them in one row too.
    assert.ok(text.includes(row), row);
  }
});
