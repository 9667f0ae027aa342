import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLiveTokens } from '../../../../src/access/tokens/live-tokens.ts';
import type { Tokens } from '../../../../src/access/tokens/tokens.ts';

function fakeTokens(name: string, closed: string[]): Tokens {
  return {
    isRequired: (system) => system === name,
    verify: async () => ({ valid: true, user: { uid: name, system: 'default' }, source: name }),
    close: async () => void closed.push(name),
  };
}

test('tokens that are replaced are asked no more and closed; those in their place are asked', async () => {
  const closed: string[] = [];
  const tokens = createLiveTokens(fakeTokens('first', closed));
  const uid = async () => {
    const verdict = await tokens.verify('t', undefined);
    return verdict.valid ? verdict.user.uid : undefined;
  };
  assert.deepEqual([await uid(), tokens.isRequired('first')], ['first', true]);
  await tokens.replace(fakeTokens('second', closed));
  assert.deepEqual([await uid(), tokens.isRequired('first'), closed], ['second', false, ['first']]);
  await tokens.close();
  assert.deepEqual(closed, ['first', 'second']);
});
