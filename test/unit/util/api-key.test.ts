import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApiKey, readApiKey } from '../../../src/util/api-key.ts';

test('a key reads back as its id and digest, and no two are alike', () => {
  const keys = Array.from({ length: 200 }, () => createApiKey());
  assert.equal(new Set(keys.map(({ id }) => id)).size, 200);
  assert.equal(new Set(keys.map(({ digest }) => digest.toString('hex'))).size, 200);
  for (const { id, digest, text } of keys) {
    assert.match(text, /^yq_[a-z0-9]{10}_[A-Za-z0-9_-]{43}$/);
    assert.deepEqual(readApiKey(text), { id, digest });
  }
});

test('another secret has another digest, and what is no key is none', () => {
  const { text, digest } = createApiKey();
  const other = text.slice(0, -2) + (text.at(-2) === 'A' ? 'B' : 'A') + text.slice(-1);
  assert.notDeepEqual(readApiKey(other)?.digest, digest);
  for (const broken of ['', 'yq_', text.slice(0, -1), `${text}A`, ` ${text}`, `${text}\n`, text.toUpperCase()])
    assert.equal(readApiKey(broken), undefined, JSON.stringify(broken));
});
