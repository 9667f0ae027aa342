import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { load } from './helpers.ts';

const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');

test('the sources of tokens in docs/operations.md can be copied as they stand, and there is one of each type', () => {
  const [section = ''] = page.slice(page.indexOf('\n## Tokens\n') + 1).split(/\n## (?!Tokens)/);
  const blocks = [...section.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => text);
  // The first is a whole file, the others are further entries of its list.
  const [first = '', ...others] = blocks;
  const { tokens } = load({ 'configs/config.yaml': first + others.join('') }).config.auth;
  assert.deepEqual(
    tokens.map(({ type }) => type),
    ['jwt', 'jwt', 'jwks', 'http', 'redis'],
  );
  for (const text of others) assert.equal(parse(text).length, 1);
});
