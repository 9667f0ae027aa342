import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimsOver, SharedClaims } from '../../../src/app/workers/shared-claims.ts';
import { createIdempotency } from '../../../src/store/create-idempotency.ts';

const asked = { key: 'k', system: 'default', bodyHash: 'h' };

test('a push that was sent to one worker is not done again by another, which gives the same answer', async () => {
  const claims = new SharedClaims();
  const [one, two] = [1, 2].map(() => createIdempotency({ claims: claimsOver(claims) }));
  let done = 0;
  const push = async () => {
    done += 1;
    return `answer ${done}`;
  };
  const answers = await Promise.all([one?.run(asked, push), two?.run(asked, push), two?.run(asked, push)]);
  assert.equal(done, 1);
  assert.deepEqual(new Set(answers.map((each) => each?.type === 'result' && each.result)), new Set(['answer 1']));
  assert.deepEqual(await two?.run({ ...asked, bodyHash: 'other' }, push), { type: 'conflict' });
});

test('a push that came to nothing at one worker is done by the one that waited', async () => {
  const claims = new SharedClaims();
  const [one, two] = [1, 2].map(() => createIdempotency({ claims: claimsOver(claims) }));
  const failed = one?.run(asked, async () => {
    throw new Error('no');
  });
  const second = two?.run(asked, async () => 'done');
  await assert.rejects(async () => await failed, /no/);
  assert.deepEqual(await second, { type: 'result', result: 'done', isReplayed: false });
});

test('without the supervisor a push is done all the same', async () => {
  const line = { claim: () => Promise.reject(new Error('gone')), end: () => assert.fail('nobody to tell') };
  const answer = await createIdempotency({ claims: claimsOver(line) }).run(asked, async () => 'done');
  assert.deepEqual(answer, { type: 'result', result: 'done', isReplayed: false });
});
