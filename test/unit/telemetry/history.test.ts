import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EventSubject } from '../../../src/api/event.ts';
import { historyLimit } from '../../../src/api/history.ts';
import { Events } from '../../../src/telemetry/events.ts';
import { type HistoryLimits, recordHistory } from '../../../src/telemetry/history.ts';

const of = (cid: string, uid?: string) =>
  ({ system: 's', cid, dialect: 'cim', remoteAddress: '10.0.0.1', ...(uid !== undefined && { uid }) }) as const;
const connected = (cid: string, uid?: string): EventSubject => ({ type: 'connected', ...of(cid, uid) });
const ended = (cid: string, uid?: string, reason = ''): EventSubject => ({
  type: 'disconnected',
  code: 1006,
  reason,
  ...of(cid, uid),
});

function record(limits?: HistoryLimits) {
  const events = new Events({ node: 'n1' });
  const history = recordHistory(events, limits);
  const types = (id: string, system = 's') => history.of(system, id).map(({ type }) => type);
  return { events, history, types };
}

describe('the history of a node', () => {
  test('finds by uid, cid and clientId all that belongs to the connections, in its order, and of one system only', () => {
    const { events, types } = record();
    events.emit(connected('1'));
    events.emit({ ...connected('1', 'alice'), type: 'bound', clientId: 'id-1' } as EventSubject);
    events.emit({ type: 'kicked', system: 's', cid: '1', uid: 'alice', reason: 'spam' });
    events.emit({ ...ended('1', 'alice'), clientId: 'id-1' } as EventSubject);
    events.emit({ type: 'banned', system: 's', uid: 'alice', until: 1, reason: '' });
    events.emit({ ...ended('2', 'alice'), system: 'other' } as EventSubject);
    events.emit(connected('3', 'bob'));
    const ofConnection = ['connected', 'bound', 'kicked', 'disconnected'];
    assert.deepEqual(types('alice'), [...ofConnection, 'banned']);
    assert.deepEqual(types('1'), ofConnection);
    assert.deepEqual(types('id-1'), ofConnection);
    assert.deepEqual(types('alice', 'other'), ['disconnected']);
    assert.deepEqual(types('nobody'), []);
  });

  test('keeps ends through a storm of connects, and ends of users through one of strangers', () => {
    const { events, types } = record({ maxEntries: 10 });
    events.emit(ended('1', 'alice'));
    for (let n = 100; n < 200; n += 1) events.emit(connected(String(n), 'alice'));
    for (let n = 200; n < 300; n += 1) events.emit(ended(String(n)));
    assert.deepEqual(types('1'), ['disconnected']);
    assert.deepEqual(types('299'), ['disconnected']);
    assert.deepEqual(types('289'), []);
  });

  test('is bounded in bytes as well: long names push out what is older, and since says so', (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: 1000 });
    const { events, history, types } = record({ maxBytes: 100_000 });
    assert.deepEqual(history.since, { ends: 1000, rest: 1000 });
    t.mock.timers.setTime(2000);
    events.emit(ended('1', 'alice'));
    t.mock.timers.setTime(3000);
    for (let n = 0; n < 20; n += 1) events.emit(ended(String(100 + n), 'x'.repeat(5000)));
    assert.deepEqual(types('1'), []);
    assert.ok(history.of('s', 'x'.repeat(5000)).length < 10);
    assert.deepEqual(history.since, { ends: 3000, rest: 1000 });
  });

  test('answers the newest of more than it may, and forgets in order over many thousands', () => {
    const { events, history } = record({ maxEntries: 3000 });
    for (let n = 0; n < 20_000; n += 1) events.emit(ended(String(n), 'alice'));
    const found = history.of('s', 'alice');
    assert.equal(found.length, historyLimit);
    assert.equal(found.at(-1)?.sequence, 20_000);
    assert.equal(history.of('s', '17000').length, 1);
    assert.equal(history.of('s', '16999').length, 0);
  });
});
