import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EndOfTurn } from '../../../src/registry/end-of-turn.ts';

const aTurn = () => new Promise((resolve) => setImmediate(resolve));

function audience(log: string[], name: string, members: number, isCounted = true) {
  let left = members;
  return {
    isCounted,
    hand(room: number): number {
      const handed = Math.min(room, left);
      left -= handed;
      log.push(`${name} hands ${handed}`);
      return handed;
    },
    flush: () => void log.push(`${name} flushes`),
    settle: () => left > 0,
  };
}

test('what was written in a turn leaves at its end, once, and whoever waits for it is told then', async () => {
  const log: string[] = [];
  const turn = new EndOfTurn();
  await turn.flushed();
  turn.add({ flush: () => void log.push('one') });
  turn.add({ flush: () => void log.push('other') });
  assert.deepEqual(log, []);
  await turn.flushed();
  assert.equal(log.join(), 'one,other');
});

test('audiences hand out before anybody writes, so that all of a turn leaves in one write', async () => {
  const log: string[] = [];
  const turn = new EndOfTurn();
  turn.add({ flush: () => void log.push('a connection') });
  turn.spread(audience(log, 'g', 3));
  turn.spread(audience(log, 'h', 2));
  await turn.flushed();
  assert.deepEqual(log, ['g hands 3', 'h hands 2', 'g flushes', 'h flushes', 'a connection']);
});

test('so many sockets are written to in a turn, and no more; audiences take turns', async () => {
  const log: string[] = [];
  const turn = new EndOfTurn({ slice: 10 });
  turn.spread(audience(log, 'large', 15));
  turn.spread(audience(log, 'small', 2));
  await aTurn();
  assert.deepEqual(log.splice(0), ['large hands 10', 'large flushes']);
  await aTurn();
  assert.deepEqual(log.splice(0), ['small hands 2', 'large hands 5', 'small flushes', 'large flushes']);
  await aTurn();
  assert.deepEqual(log, []);
});

test('connections beyond those wait for the next turn, in order', async () => {
  const log: number[] = [];
  const turn = new EndOfTurn({ slice: 3 });
  for (let n = 0; n < 7; n += 1) turn.add({ flush: () => void log.push(n) });
  let isTold = false;
  const told = turn.flushed().then(() => {
    isTold = true;
    assert.equal(log.length, 7, 'told when the last of them has left');
  });
  await aTurn();
  assert.deepEqual(log, [0, 1, 2]);
  assert.equal(isTold, false);
  await aTurn();
  await aTurn();
  assert.deepEqual(log, [0, 1, 2, 3, 4, 5, 6]);
  await told;
});

test('tells how long each end of a turn took', async () => {
  const took: number[] = [];
  const turn = new EndOfTurn({ onRun: (seconds) => took.push(seconds) });
  turn.add({ flush: () => {} });
  await turn.flushed();
  assert.equal(took.length, 1);
  assert.ok((took[0] ?? -1) >= 0 && (took[0] ?? 1) < 1);
});

test('tells nothing of a turn in which only what is not counted left', async () => {
  let told = 0;
  const onRun = () => {
    told += 1;
  };
  const turn = new EndOfTurn({ onRun });
  turn.spread(audience([], 'probe', 1, false));
  await turn.flushed();
  assert.equal(told, 0);
  turn.spread(audience([], 'probe', 1, false));
  turn.spread(audience([], 'g', 1));
  await turn.flushed();
  assert.equal(told, 1);
});
