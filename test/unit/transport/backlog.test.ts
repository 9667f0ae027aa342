import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SlowRule } from '../../../src/api/message-class.ts';
import { Backlog } from '../../../src/transport/backlog.ts';

const rule = (policy: SlowRule['policy'], key = '', name: string = policy): SlowRule => ({ class: name, key, policy });
const frame = (text: string) => Buffer.from(text.padEnd(10, '.'));

function createBacklog(maxBytes = 40, maxAgeMs = 1000, handedMustArrive = true) {
  const dropped: string[] = [];
  const backlog = new Backlog({ maxBytes, maxAgeMs, onDropped: (reason) => dropped.push(reason) }, 0, handedMustArrive);
  return {
    backlog,
    dropped,
    add: (text: string, slow?: SlowRule, now = 0, inFront = 0) => backlog.add(frame(text), slow, inFront, now),
    rest: () => backlog.take(1e9, 0).map((each) => each.toString().replace(/\.+$/, '')),
  };
}

describe('a backlog', () => {
  test('gives back what it took, oldest first, about as much as is asked for', () => {
    const { backlog, add } = createBacklog(1000);
    for (const text of ['a', 'b', 'c', 'd', 'e']) assert.equal(add(text), undefined);
    assert.equal(backlog.bytes, 50);
    assert.deepEqual(
      backlog.take(25, 0).map(String),
      ['a', 'b', 'c'].map((text) => frame(text).toString()),
    );
    assert.equal(backlog.bytes, 20);
    assert.equal(backlog.take(1000, 0).length, 2);
    assert.equal(backlog.bytes, 0);
    assert.deepEqual(backlog.take(1000, 0), []);
  });

  test('holds so many bytes and not one more, what the socket holds included', () => {
    const { add } = createBacklog(40);
    assert.equal(add('a', undefined, 0, 20), undefined);
    assert.equal(add('b', undefined, 0, 20), undefined);
    assert.equal(add('c', undefined, 0, 20), 'slow_consumer');
    assert.equal(add('c', undefined, 0, 10), undefined);
    assert.equal(add('d', undefined, 0, 11), 'slow_consumer');
  });

  test('drops the newest where the class says so', () => {
    const { add, rest, dropped } = createBacklog(20);
    const slow = rule('drop-newest');
    assert.deepEqual([add('a', slow), add('b', slow), add('c', slow)], [undefined, undefined, 'outbox_full']);
    assert.deepEqual([rest(), dropped], [['a', 'b'], []]);
  });

  test('drops the oldest of the class where it says so, and nothing of others', () => {
    const { add, rest, dropped } = createBacklog(40);
    const slow = rule('drop-oldest', '', 'x');
    add('must');
    add('other', rule('drop-oldest', '', 'y'));
    add('a', slow);
    add('b', slow);
    assert.equal(add('c', slow), undefined);
    assert.deepEqual([rest(), dropped], [['must', 'other', 'b', 'c'], ['displaced']]);
  });

  test('that cannot make room by that drops the new one too', () => {
    const { add, rest } = createBacklog(20);
    add('must');
    add('too');
    assert.equal(add('c', rule('drop-oldest')), 'outbox_full');
    assert.deepEqual(rest(), ['must', 'too']);
  });

  test('conflates by class and key: only the newest of each waits, at the end', () => {
    const { add, rest, dropped } = createBacklog(1000);
    const of = (key: string, name = 'ticks') => rule('conflate', key, name);
    add('eur 1', of('eur'));
    add('usd 1', of('usd'));
    add('other', of('eur', 'else'));
    add('eur 2', of('eur'));
    add('eur 3', of('eur'));
    assert.deepEqual(
      [rest(), dropped],
      [
        ['usd 1', 'other', 'eur 3'],
        ['conflated', 'conflated'],
      ],
    );
  });

  test('forgets keys of what has been taken', () => {
    const { backlog, add, rest, dropped } = createBacklog(1000);
    add('eur 1', rule('conflate', 'eur'));
    backlog.take(1000, 0);
    add('eur 2', rule('conflate', 'eur'));
    assert.deepEqual([rest(), dropped], [['eur 2'], []]);
  });

  test('lets whatever may be dropped give way to a message that has to arrive, oldest first and no more than needed', () => {
    const { add, rest, dropped } = createBacklog(40);
    add('tick 1', rule('conflate', 'a'));
    add('must 1');
    add('typing', rule('drop-newest'));
    add('old', rule('drop-oldest'));
    assert.equal(add('must 2'), undefined);
    assert.deepEqual([rest(), dropped], [['must 1', 'typing', 'old', 'must 2'], ['displaced']]);
  });

  test('ends the client only where that is not enough', () => {
    const { add, dropped } = createBacklog(20);
    add('must');
    add('typing', rule('drop-newest'));
    assert.equal(add('must'), undefined);
    assert.equal(add('must'), 'slow_consumer');
    assert.deepEqual(dropped, ['displaced']);
  });

  test('stays right over many rounds of coming and going', () => {
    const { backlog, add } = createBacklog(1e9);
    let next = 0;
    const taken: number[] = [];
    for (let round = 0; round < 300; round += 1) {
      for (let n = 0; n < 7; n += 1, next += 1) add(String(next), next % 3 === 0 ? rule('drop-oldest') : undefined);
      for (const each of backlog.take(round % 5 === 0 ? 200 : 50, 0)) taken.push(Number.parseInt(each.toString(), 10));
    }
    for (const each of backlog.take(1e9, 0)) taken.push(Number.parseInt(each.toString(), 10));
    assert.deepEqual(
      taken,
      Array.from({ length: next }, (_, n) => n),
    );
    assert.equal(backlog.bytes, 0);
  });
});

test('what was conflated or dropped is forgotten while others wait in front of it', () => {
  const { backlog, add } = createBacklog(1000);
  add('must');
  for (let n = 0; n < 10_000; n += 1) add(`tick ${n}`, rule('conflate', 'eur'));
  assert.equal(backlog.bytes, 20);
  assert.ok(backlog.entries < 300, `${backlog.entries} entries for two messages`);
});

describe('the age of a backlog', () => {
  test('begins with what the socket could not take: after that time the client has to go', () => {
    const { backlog } = createBacklog();
    assert.equal(backlog.expire(400), 600);
    assert.equal(backlog.expire(999), 1);
    assert.equal(backlog.expire(1000), 'too slow');
  });

  test('does not end a client whose socket holds only what may be dropped', () => {
    const { backlog, add, dropped } = createBacklog(1000, 1000, false);
    add('a', rule('conflate'), 500);
    assert.equal(backlog.expire(1400), 100);
    assert.equal(backlog.expire(1500), 1000);
    assert.deepEqual(dropped, ['expired']);
  });

  test('begins anew with every write the kernel has taken', () => {
    const { backlog, add } = createBacklog();
    add('a');
    backlog.take(1000, 900);
    assert.equal(backlog.expire(1000), 900);
    assert.equal(backlog.expire(1900), 'too slow');
  });

  test('of one that may be dropped ends the message, not the client', () => {
    const { backlog, add, rest, dropped } = createBacklog(1000);
    backlog.take(1000, 0);
    add('a', rule('drop-oldest'), 100);
    add('b', rule('drop-newest'), 300);
    assert.equal(backlog.expire(1099), 1);
    assert.deepEqual(dropped, []);
    assert.equal(backlog.expire(1100), 200);
    assert.deepEqual([rest(), dropped], [['b'], ['expired']]);
  });

  test('of one that has to arrive ends the client, however fast what is in front goes', () => {
    const { backlog, add } = createBacklog(1000);
    add('a', undefined, 100);
    add('b', undefined, 100);
    backlog.take(5, 1000);
    assert.equal(backlog.expire(1099), 1);
    assert.equal(backlog.expire(1100), 'too slow');
  });
});
