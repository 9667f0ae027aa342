import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HeldPlace, HeldPlaces, type Holder } from '../../../src/directory/held-places.ts';

const [self, other] = ['n1', 'n2'].map((id): Holder => ({ id, incarnation: 1, isVoid: false })) as [Holder, Holder];
const at = (holder: Holder, cid: number): HeldPlace => ({ holder, cid, sequence: cid });

test('names of this node are counted by system: those of it alone without asking, the others as is said', () => {
  const held = new HeldPlaces(self, 10);
  held.set('a', 'alone', [at(self, 1)]);
  held.set('a', 'twice', [at(self, 2), at(self, 3)]);
  held.set('a', 'shared', [at(self, 4), at(other, 5)]);
  held.set('b', 'shared', [at(other, 6), at(self, 7)]);
  held.set('b', 'elsewhere', [at(other, 8)]);
  const asked: (readonly HeldPlace[])[] = [];
  const count = (isCounted: boolean) => {
    return Object.fromEntries(held.countOwn((places) => asked.push(places) > 0 && isCounted));
  };
  assert.deepEqual(count(true), { a: 3, b: 1 });
  assert.deepEqual(
    asked.map((places) => places.map(({ cid }) => cid)),
    [
      [2, 3],
      [4, 5],
      [6, 7],
    ],
  );
  assert.deepEqual(count(false), { a: 1 });
});
