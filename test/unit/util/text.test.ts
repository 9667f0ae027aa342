import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeControls } from '../../../src/util/control-characters.ts';
import { createMessageIds } from '../../../src/util/message-id.ts';
import { StartError } from '../../../src/util/start-error.ts';

test('control characters, escapes and direction overrides are shown and cannot act', () => {
  assert.equal(escapeControls('a\u001b[2J\r\nb\u0000\u007f\u009b'), 'a\\u001b[2J\\u000d\\u000ab\\u0000\\u007f\\u009b');
  assert.equal(escapeControls('\u202etxt.exe\u2066\u200f\u2028'), '\\u202etxt.exe\\u2066\\u200f\\u2028');
  assert.equal(escapeControls('云雀 👩‍🚀 ok'), '云雀 👩‍🚀 ok');
});

test('no control character at all is left, whichever it is', () => {
  const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join('');
  assert.doesNotMatch(escapeControls(all, Number.POSITIVE_INFINITY), /\p{Cc}|\p{Zl}|\p{Zp}/u);
});

test('a long text is cut before it is escaped, and says that it was', () => {
  assert.equal(escapeControls('x'.repeat(1001)), `${'x'.repeat(1000)}…`);
  assert.equal(escapeControls('x'.repeat(1000)), 'x'.repeat(1000));
  assert.equal(escapeControls('\n\n\n', 2), '\\u000a\\u000a…');
});

test('message ids are 16 lower-case hex characters and do not repeat, over several draws of random bits', () => {
  const next = createMessageIds();
  const ids = Array.from({ length: 5000 }, next);
  for (const id of ids) assert.match(id, /^[0-9a-f]{16}$/);
  assert.equal(new Set(ids).size, ids.length);
  assert.notEqual(createMessageIds()(), createMessageIds()());
});

test('a start error ends with 1 unless it says otherwise, and keeps hint and cause', () => {
  const cause = new Error('why');
  const plain = new StartError('what');
  assert.deepEqual([plain.message, plain.exitCode, plain.hint, plain.cause], ['what', 1, undefined, undefined]);
  const full = new StartError('what', { hint: 'do', exitCode: 78, cause });
  assert.deepEqual([full.exitCode, full.hint, full.cause], [78, 'do', cause]);
});
