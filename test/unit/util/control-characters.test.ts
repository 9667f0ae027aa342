import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { escapeControls, escapeControlsOfJson, sanitizeLine } from '../../../src/util/control-characters.ts';

describe('text from elsewhere, as one line', () => {
  for (const [text, expected] of [
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u0007', 'link'],
    ['a\u001b]0;title\u009cb', 'ab'],
    ['\u001bPq#0\u001b\\sixel', 'sixel'],
    ['a\u001bcb', 'ab'],
    ['a\u001b', 'a'],
    ['a\u009b2Jb', 'ab'],
    ['a\tb\r\nc\u2028d', 'a b c d'],
    ['\u0007\u0008\u007f\u009d31m', '31m'],
    ['user\u202egnp.exe\u2066\u061c', 'usergnp.exe'],
    ['zero\u200bwidth\ufeff\u00ad', 'zerowidth'],
    ['half\ud800', 'half\ufffd'],
  ] as const) {
    it(`${JSON.stringify(text)} becomes ${JSON.stringify(expected)}`, () => assert.equal(sanitizeLine(text), expected));
  }

  for (const text of ['alice', '云雀 ok', '👩‍👩‍👧‍👦', '❤️', 'e\u0301tienne', 'a  b', 'می\u200cخواهم']) {
    it(`${text} stays as it is`, () => assert.equal(sanitizeLine(text), text));
  }
});

describe('JSON from elsewhere', () => {
  it('is escaped and means the same', () => {
    const value = { a: '\u009b2J\u202e\u007f\u001b[0m\u061c\u200b云' };
    const json = escapeControlsOfJson(JSON.stringify(value));
    assert.match(json, /^[\x20-\x7e云]+$/);
    assert.deepEqual(JSON.parse(json), value);
  });

  it('keeps the line end behind it', () => assert.equal(escapeControlsOfJson('{"a":1}\n'), '{"a":1}\n'));
});

it('what a line drops, a log shows', () => {
  const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter((c) => c.isWellFormed());
  const dropped = all.filter((character) => sanitizeLine(`a${character}b`) !== `a${character}b`);
  assert.deepEqual(
    all.filter((character) => escapeControls(character) !== character),
    dropped,
  );
});
