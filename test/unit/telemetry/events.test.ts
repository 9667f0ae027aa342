import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EventSubject, NodeEvent } from '../../../src/api/event.ts';
import { Counters, sum } from '../../../src/telemetry/counters.ts';
import { Events } from '../../../src/telemetry/events.ts';

const subject: EventSubject = { type: 'system_added', system: 's' };

function emit(events: Events, count: number): void {
  for (let n = 0; n < count; n += 1) events.emit(subject);
}

describe('events', () => {
  test('reach every subscriber with their node, their time and numbers without a gap', () => {
    const events = new Events({ node: 'n1' });
    const heard: NodeEvent[] = [];
    events.subscribe((event) => heard.push(event));
    emit(events, 3);
    assert.deepEqual(
      heard.map(({ sequence, node, type }) => [sequence, node, type]),
      [
        [1, 'n1', 'system_added'],
        [2, 'n1', 'system_added'],
        [3, 'n1', 'system_added'],
      ],
    );
    assert.ok(heard.every(({ time }) => Math.abs(time - Date.now()) < 60_000));
  });

  test('of before come first, as many as asked for and as there are, and none are told twice', () => {
    const events = new Events({ node: 'n1', keep: 5 });
    const sequences = (backlog?: number) => {
      const heard: number[] = [];
      events.subscribe(({ sequence }) => heard.push(sequence), backlog)();
      return heard;
    };
    assert.deepEqual(sequences(5), []);
    emit(events, 3);
    assert.deepEqual(sequences(2), [2, 3]);
    assert.deepEqual(sequences(100), [1, 2, 3]);
    assert.deepEqual([sequences(0), sequences(-1), sequences()], [[], [], []]);
    const heard: number[] = [];
    events.subscribe(({ sequence }) => heard.push(sequence), 1);
    emit(events, 1);
    assert.deepEqual(heard, [3, 4]);
  });

  test('are kept up to the limit, the newest, however many there were', () => {
    const events = new Events({ node: 'n1', keep: 5 });
    for (let total = 1; total <= 40; total += 1) {
      emit(events, 1);
      const heard: number[] = [];
      events.subscribe(({ sequence }) => heard.push(sequence), 1000)();
      const first = Math.max(1, total - 4);
      assert.deepEqual(
        heard,
        Array.from({ length: total - first + 1 }, (_, n) => first + n),
      );
    }
  });

  test('that strangers make, refusals, push no others out of what is kept', () => {
    const events = new Events({ node: 'n1', keep: 10, keepRefused: 4 });
    const refuse = (count: number) => {
      for (let n = 0; n < count; n += 1) {
        events.emit({ type: 'refused', error: 'forbidden', what: 'x', remoteAddress: '' });
      }
    };
    const heard = (backlog: number) => {
      const sequences: number[] = [];
      events.subscribe(({ sequence }) => sequences.push(sequence), backlog)();
      return sequences;
    };
    refuse(50);
    assert.deepEqual(heard(3), [48, 49, 50]);
    emit(events, 3);
    refuse(50);
    assert.deepEqual(heard(100), [51, 52, 53, 100, 101, 102, 103]);
    emit(events, 1);
    assert.deepEqual(heard(2), [53, 102, 103, 104]);
    assert.deepEqual(heard(0), []);
  });

  test('are told no more after the subscription ended, even from within', () => {
    const events = new Events({ node: 'n1' });
    const heard: number[] = [];
    const end = events.subscribe(({ sequence }) => {
      heard.push(sequence);
      end();
    });
    const others: number[] = [];
    events.subscribe(({ sequence }) => others.push(sequence));
    emit(events, 2);
    assert.deepEqual([heard, others], [[1], [1, 2]]);
  });
});

describe('counters', () => {
  test('begin at nothing and add up, each under its own name', () => {
    const counters = new Counters();
    counters.messageIn('http');
    counters.messageIn('http', 4);
    counters.messageIn('admin', 0);
    counters.drop('closing');
    counters.drop('closing');
    for (const anything of [3000, 4999, 0]) counters.disconnect(anything);
    counters.disconnect(4001);
    counters.disconnect(1006);
    counters.disconnect(4001);
    counters.refuse('forbidden');
    assert.deepEqual(counters.messagesIn, { http: 5, admin: 0 });
    assert.deepEqual(counters.dropped, { closing: 2 });
    assert.deepEqual(counters.disconnects, { 1006: 1, 4001: 2, other: 3 });
    assert.deepEqual(counters.refused, { forbidden: 1 });
    assert.deepEqual(new Counters().messagesIn, {}, 'two nodes in one process share nothing');
  });

  test('sum passes what was never counted', () => {
    assert.equal(sum({ a: 1, b: undefined, c: 2 }), 3);
    assert.equal(sum({}), 0);
  });
});
