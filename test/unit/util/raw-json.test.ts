import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitObject, splitTexts, unquote } from '../../../src/util/raw-json.ts';
import { createRandom, pick, pickOf } from '../../support/random.ts';
import { splitArray } from '../../support/split-array.ts';

test('each member keeps the text it was written with', () => {
  const members = splitObject(' { "a" : 1.0 , "b":  {"c" : [ 1e3 , 9007199254740993 ]}\t,"d":"\\u0041\\n" } \r\n');
  assert.deepEqual(
    [...members],
    [
      ['a', '1.0'],
      ['b', '{"c" : [ 1e3 , 9007199254740993 ]}'],
      ['d', '"\\u0041\\n"'],
    ],
  );
});

test('each element of an array keeps the text it was written with', () => {
  assert.deepEqual(splitArray('[ 1.0,{"a" :1},"x" ,[ ], null]'), ['1.0', '{"a" :1}', '"x"', '[ ]', 'null']);
  assert.deepEqual(splitArray(' [ ] '), []);
});

test('keys are unescaped and the last of several equal ones wins', () => {
  assert.deepEqual(
    [...splitObject('{"\\u0061":1,"b":2,"a":3,"\\"":4,"":5}')],
    Object.entries({ a: '3', b: '2', '"': '4', '': '5' }),
  );
});

test('keys that are escaped differently are told apart, whatever was read before', () => {
  assert.deepEqual([...splitObject('{"x":0,"\\\\":1,"\\\\u0061":2}').keys()], ['x', '\\', '\\u0061']);
  assert.deepEqual([...splitObject('{"x":0,"\\u0061":1,"\\n":2}').keys()], ['x', 'a', '\n']);
});

test('__proto__ is a key like any other', () => {
  const members = splitObject('{"__proto__":{"polluted":true},"constructor":1}');
  assert.equal(members.get('__proto__'), '{"polluted":true}');
  assert.equal(members.get('constructor'), '1');
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

test('text that is not the container asked for is refused', () => {
  for (const text of ['', ' ', '[]', '"{}"', '1', 'null', '\ufeff{}'])
    assert.throws(() => splitObject(text), SyntaxError);
  for (const text of ['', ' ', '{}', '"[]"', '1', 'null', '\ufeff[]'])
    assert.throws(() => splitArray(text), SyntaxError);
});

test('a refusal says where and what was expected', () => {
  assert.throws(() => splitObject('{"a":1,}'), /a member name in double quotes at character 8 of the JSON, found "}"/);
  assert.throws(() => splitObject('{"a"'), /":" at character 5 of the JSON, found the end/);
  assert.throws(() => splitArray('[1] 2'), /nothing more at character 5/);
});

test('nesting is taken up to the limit and refused one level beyond', () => {
  const nested = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
  assert.equal(splitObject(nested(32)).size, 1);
  assert.throws(() => splitObject(nested(33)), /nested too deeply/);
  assert.equal(splitArray(`${'['.repeat(32)}${']'.repeat(32)}`).length, 1);
  assert.throws(() => splitArray(`${'['.repeat(33)}${']'.repeat(33)}`), /nested too deeply/);
  assert.equal(splitObject('{"a":[]}', 2).size, 1);
  assert.throws(() => splitObject('{"a":[]}', 1), /nested too deeply/);
  assert.throws(() => splitObject('{"a":'.repeat(1_000_000)), /nested too deeply/);
});

test('strings are checked over their whole length, short or long', () => {
  for (const length of [0, 1, 46, 47, 48, 49, 50, 5000]) {
    const filling = 'x'.repeat(length);
    assert.equal(splitObject(`{"a":"${filling}中\\n"}`).get('a'), `"${filling}中\\n"`);
    assert.equal(splitObject(`{"a":"\\"${filling}"}`).get('a'), `"\\"${filling}"`);
    for (const bad of ['\n"}', '\u001f"}', '\u0000"}', '\\x"}', '\\u12g4"}', '\\', '']) {
      assert.throws(() => splitObject(`{"a":"${filling}${bad}`), SyntaxError, JSON.stringify(bad));
    }
  }
});

test('text of a value is what a string contains and the JSON text of anything else', () => {
  const raws = ['"a\\n\\u4e2d"', '"plain"', '1.0', '{"a" :"b"}', 'null', '""'];
  const texts = splitTexts(`{${raws.map((raw, at) => `"${at}\\n" : ${raw}`).join(' ,')}}`);
  assert.deepEqual([...texts.values()], ['a\n中', 'plain', '1.0', '{"a" :"b"}', 'null', '']);
  assert.deepEqual([...texts.keys()].slice(0, 2), ['0\n', '1\n']);
  assert.equal(unquote('""'), '');
});

test('numbers are taken and refused exactly as JSON.parse does', () => {
  for (const number of ['0', '-0', '1.5', '1e5', '1E+5', '1e-5', '0.0', '-1.0e10', '1'.repeat(400)]) {
    assert.equal(splitArray(`[${number}]`)[0], number);
  }
  for (const text of ['01', '-', '+1', '.5', '1.', '1e', '1e+', '0x1', 'NaN', 'Infinity', '-Infinity', '1_0', '١']) {
    assert.throws(() => splitArray(`[${text}]`), SyntaxError, text);
  }
});

const seed = 20_260_101;
const fragments = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"a"',
    '"b":1',
    '"\\u0041"',
    '\\',
    '\\"',
    '"\\ud83d\\ude00"',
    '0',
    '-',
    '1',
    '.5',
    '1.0',
  ],
  ...[
    'e9',
    'E-2',
    'true',
    'false',
    'null',
    'tru',
    ' ',
    '\n',
    '\t',
    '\r',
    '\u00a0',
    '\ufeff',
    '中',
    '😀',
    '\u0001',
    '/',
    '{}',
    '[]',
  ],
] as const;

/** Valid JSON of any shape, with odd spacing. */
function randomJson(random: () => number, levels: number): string {
  const space = pickOf(random, ['', '', '', ' ', '\n', ' \t']);
  const kind = pick(random, levels > 0 ? 8 : 6);
  const items = (make: () => string) => Array.from({ length: pick(random, 4) }, make).join(`${space},${space}`);
  switch (kind) {
    case 0:
      return pickOf(random, ['true', 'false', 'null']);
    case 1:
    case 2:
      return pickOf(random, ['0', '-0', '1.0', '9007199254740993', '1e400', '-12.50E-3']);
    case 3:
    case 4:
    case 5:
      return randomString(random);
    case 6:
      return `[${space}${items(() => randomJson(random, levels - 1))}${space}]`;
    default:
      return `{${space}${items(() => `${randomString(random)}${space}:${space}${randomJson(random, levels - 1)}`)}${space}}`;
  }
}

function randomString(random: () => number): string {
  const parts = [
    'a',
    'b',
    '__proto__',
    '中',
    '😀',
    '\\n',
    '\\"',
    '\\/',
    '\\u0061',
    '\\ud800',
    '}',
    ',',
    'x'.repeat(60),
  ] as const;
  return `"${Array.from({ length: pick(random, 4) }, () => pickOf(random, parts)).join('')}"`;
}

function mutate(random: () => number, text: string): string {
  const at = pick(random, text.length + 1);
  const removed = pick(random, 3);
  return text.slice(0, at) + pickOf(random, fragments) + text.slice(at + removed);
}

/**
 * Both parsers on one text: the same verdict, and the same value behind every raw slice. Without escaped backslashes: once
 * V8 14.6 has read an object whose second key holds a backslash, its JSON.parse takes other objects' escaped keys for that
 * one (`{"x":0,"\\":0}`, then `{"x":0,"\u0061":1}` has the key `\`).
 */
function agreeOn(text: string): 'valid' | 'invalid' | 'skipped' {
  if (text.includes('\\\\')) return 'skipped';
  let expected: unknown;
  try {
    expected = JSON.parse(text);
  } catch {
    assert.throws(() => splitObject(text, 1000), SyntaxError, text);
    assert.throws(() => splitArray(text, 1000), SyntaxError, text);
    return 'invalid';
  }
  if (Array.isArray(expected)) {
    const elements = splitArray(text, 1000);
    assert.deepEqual(
      elements.map((raw) => JSON.parse(raw)),
      expected,
      text,
    );
    for (const raw of elements) assert.equal(raw, raw.trim());
  } else if (typeof expected === 'object' && expected !== null) {
    const members = splitObject(text, 1000);
    assert.deepEqual(new Set(members.keys()), new Set(Object.keys(expected)), text);
    for (const [key, value] of Object.entries(expected))
      assert.deepEqual(JSON.parse(members.get(key) ?? ''), value, text);
  }
  return 'valid';
}

test('valid JSON of any shape is cut as JSON.parse reads it', () => {
  const random = createRandom(seed);
  for (let i = 0; i < 5000; i++) assert.equal(agreeOn(randomJson(random, 5)), 'valid');
});

test('damaged JSON gets the verdict of JSON.parse', () => {
  const random = createRandom(seed + 1);
  const verdicts = { valid: 0, invalid: 0, skipped: 0 };
  for (let i = 0; i < 20_000; i++) {
    let text = randomJson(random, 4);
    for (let n = pick(random, 3); n >= 0; n--) text = mutate(random, text);
    verdicts[agreeOn(text)]++;
  }
  assert.ok(verdicts.valid > 500 && verdicts.invalid > 5000, JSON.stringify(verdicts));
});

test('random fragments get the verdict of JSON.parse', () => {
  const random = createRandom(seed + 2);
  for (let i = 0; i < 20_000; i++) {
    agreeOn(Array.from({ length: pick(random, 12) }, () => pickOf(random, fragments)).join(''));
  }
});
