import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import { cutTo, fit, widthOf } from '../../../src/util/text-width.ts';

test('a wide character counts two columns', () => {
  assert.equal(widthOf('王小明'), 6);
  assert.equal(widthOf('e\u0301'), 1);
});

test('fit gives exactly the width, whatever the script', () => {
  for (const text of ['', 'a', 'alice', '王小明', 'a王b小c明', '👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 'e\u0301e\u0301e\u0301e\u0301']) {
    for (let width = 0; width < 9; width++) {
      assert.equal(widthOf(fit(text, width)), width, `${text} in ${width}`);
      assert.equal(widthOf(fit(text, width, 'right')), width, `${text} in ${width}, right`);
    }
  }
  assert.equal(fit('王小明', 4), '王… ');
});

for (const [text, width, expected] of [
  ['hello', 5, 'hello'],
  ['hello', 4, 'hel…'],
  ['abc', 2, 'a…'],
  ['云雀推送', 8, '云雀推送'],
  ['云雀推送', 7, '云雀推…'],
  ['云雀推送', 6, '云雀…'],
  ['👨‍👩‍👧👨‍👩‍👧', 3, '👨‍👩‍👧…'],
  ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
] as const) {
  test(`${text} cut to ${width} is ${expected}`, () => assert.equal(cutTo(text, width), expected));
}

test('what is drawn with has the width that a terminal gives it', () => {
  const drawn = [
    ...Array.from({ length: 0x259f - 0x2500 + 1 }, (_, at) => 0x2500 + at),
    ...[...'·×‹›…←↑→↓■▲▼○●'].map((c) => c.codePointAt(0) ?? 0),
  ];
  for (const code of drawn) assert.equal(widthOf(String.fromCodePoint(code)), stringWidth(String.fromCodePoint(code)));
  // What only begins so is measured as ever.
  assert.equal(widthOf('→ 你好'), 6);
  assert.equal(widthOf('●\u0301'), 1);
});
