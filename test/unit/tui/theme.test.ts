import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTheme, hasColor, hasUnicode, verdictLooks } from '../../../src/tui/draw/theme.ts';

test('NO_COLOR, set and not empty, means no colour at all', () => {
  assert.equal(hasColor({ NO_COLOR: '1', TERM: 'xterm' }), false);
  assert.equal(hasColor({ NO_COLOR: '', TERM: 'xterm' }), true);
  assert.equal(hasColor({ TERM: 'dumb' }), false);
  for (const style of Object.values(createTheme({ color: false, unicode: true }).styles))
    assert.equal(style.color, undefined);
});

test('Unicode is drawn unless the terminal or the locale says otherwise', () => {
  assert.equal(hasUnicode({ TERM: 'xterm' }), true);
  assert.equal(hasUnicode({ TERM: 'xterm', LANG: 'de_DE.UTF-8' }), true);
  assert.equal(hasUnicode({ TERM: 'xterm', LANG: 'de_DE.UTF-8', LC_ALL: 'C' }), false);
  assert.equal(hasUnicode({ TERM: 'xterm', LANG: 'C.utf8' }), true);
  assert.equal(hasUnicode({ TERM: 'linux', LANG: 'C.UTF-8' }), false);
});

test('the verdicts differ by word and by symbol', () => {
  for (const unicode of [true, false]) {
    const { glyphs } = createTheme({ color: false, unicode });
    const looks = Object.values(verdictLooks).map(({ word, glyph }) => `${glyphs[glyph]} ${word}`);
    assert.equal(new Set(looks.map((look) => look[0])).size, 3);
    assert.equal(new Set(looks.map((look) => look.slice(2))).size, 3);
  }
});
