import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLiveTokens } from '../../../../src/access/tokens/live-tokens.ts';
import type { TokenSource } from '../../../../src/access/tokens/source.ts';
import type { Tokens } from '../../../../src/access/tokens/tokens.ts';

/** Vouches for everybody under its own name, once `gate` has opened. */
function fakeTokens(name: string, { closed = [] as string[], gate = Promise.resolve() } = {}): Tokens {
  return {
    isRequired: (system) => system === name,
    async verify() {
      await gate;
      return { valid: true, user: { uid: name, system: 'default' }, source: name };
    },
    close: async () => void closed.push(name),
  };
}

function fakeSource(name: string, closed: string[]): TokenSource {
  return {
    name,
    systems: undefined,
    isElsewhere: true,
    check: () => Promise.reject(new Error('nobody asks')),
    close: async () => void closed.push(name),
  };
}

async function uidOf(tokens: Tokens): Promise<string | undefined> {
  const verdict = await tokens.verify('t', undefined);
  return verdict.valid ? verdict.user.uid : undefined;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('tokens that are replaced are asked no more; those in their place are asked, and closed in the end', async () => {
  const closed: string[] = [];
  const tokens = createLiveTokens(fakeTokens('first', { closed }));
  assert.deepEqual([await uidOf(tokens), tokens.isRequired('first')], ['first', true]);
  tokens.replace(fakeTokens('second', { closed }), [fakeSource('gone', closed)]);
  await turn();
  assert.deepEqual([await uidOf(tokens), tokens.isRequired('first'), closed], ['second', false, ['gone']]);
  await tokens.close();
  assert.deepEqual(closed, ['gone', 'second']);
});

test('a source that is gone is closed when whatever was being verified has its verdict, also through a second change', async () => {
  const closed: string[] = [];
  const gate = Promise.withResolvers<void>();
  const tokens = createLiveTokens(fakeTokens('first', { gate: gate.promise }));
  const waiting = uidOf(tokens);
  tokens.replace(fakeTokens('second'), []);
  tokens.replace(fakeTokens('third'), [fakeSource('gone', closed)]);
  assert.equal(await uidOf(tokens), 'third');
  await turn();
  assert.deepEqual(closed, []);
  gate.resolve();
  assert.equal(await waiting, 'first');
  await turn();
  assert.deepEqual(closed, ['gone']);
});

test('sources that are gone and still in use are closed with the tokens, and once', async () => {
  const closed: string[] = [];
  const gate = Promise.withResolvers<void>();
  const tokens = createLiveTokens(fakeTokens('first', { gate: gate.promise }));
  const waiting = uidOf(tokens);
  tokens.replace(fakeTokens('second', { closed }), [fakeSource('gone', closed)]);
  await tokens.close();
  assert.deepEqual(closed.sort(), ['gone', 'second']);
  gate.resolve();
  await waiting;
  await turn();
  assert.equal(closed.length, 2);
});
