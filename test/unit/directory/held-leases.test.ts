import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldLeases } from '../../../src/directory/held-leases.ts';
import type { LeaseListener, Leases, Member } from '../../../src/directory/leases.ts';
import { eventually } from '../../support/eventually.ts';

const member = (id: string, incarnation = 1): Member => ({
  ...{
    id,
    incarnation,
    cidLease: 1,
    host: '127.0.0.1',
    port: 1,
    clientAddress: `${id}:1`,
    version: '1.0.0',
    startedAt: 0,
  },
  ...{ state: 'serving', addresses: [] },
});

const [a, b, c] = [member('a'), member('b'), member('c')];

/** Leases whose members the test decides. */
function createListed() {
  let members: readonly Member[] = [a, b];
  const listeners = new Set<LeaseListener>();
  const inner: Leases = {
    ...{ incarnation: 1, failure: undefined, isCertain: true },
    get members() {
      return members;
    },
    claim: async () => ({ incarnation: 1, cidLease: 1, members }),
    publish: async () => {},
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    release: async () => {},
  };
  return {
    inner,
    list(...now: readonly Member[]) {
      members = now;
      for (const { onMembers } of listeners) onMembers?.(members);
    },
  };
}

test('a node whose lease has ended is gone at once where nothing says that it lives', () => {
  const { inner, list } = createListed();
  const leases = new HeldLeases(inner);
  const told: string[][] = [];
  leases.watch({ onMembers: (members) => told.push(members.map(({ id }) => id)) });
  list(a);
  assert.deepEqual(told, [['a']]);
});

test('one that is known to live is held until it is not, and nobody hears of it in between', async () => {
  const { inner, list } = createListed();
  const leases = new HeldLeases(inner, { everyMs: 1 });
  const told: string[][] = [];
  leases.watch({ onMembers: (members) => told.push(members.map(({ id }) => id)) });
  let lives = true;
  leases.holdWhile(({ id }) => id === 'a' && lives);
  list(b);
  assert.deepEqual(told, []);
  list(b, c);
  assert.deepEqual(told, [['a', 'b', 'c']]);
  lives = false;
  await eventually('it is let go', () => told.length === 2);
  assert.deepEqual(told.at(-1), ['b', 'c']);
  assert.deepEqual(
    leases.members.map(({ id }) => id),
    ['b', 'c'],
  );
});

test('a new start of it takes the place of the one that was held', () => {
  const { inner, list } = createListed();
  const leases = new HeldLeases(inner, { everyMs: 1 });
  leases.holdWhile(() => true);
  list(b);
  list(member('a', 2), b);
  assert.deepEqual(
    leases.members.map(({ id, incarnation }) => [id, incarnation]),
    [
      ['a', 2],
      ['b', 1],
    ],
  );
});
