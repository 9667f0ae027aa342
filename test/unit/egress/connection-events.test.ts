import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { probeSystem } from '../../../src/api/system.ts';
import { type ConnectionEventsOptions, createConnectionEvents } from '../../../src/egress/events/connection-events.ts';
import { MemorySequences } from '../../../src/egress/events/sequences.ts';
import { Events } from '../../../src/telemetry/events.ts';
import { eventually } from '../../support/eventually.ts';
import { MemorySink } from '../../support/memory-sink.ts';
import { emitted, inShort, toldIn } from '../../support/presence-events.ts';

interface Asked extends Partial<ConnectionEventsOptions> {
  readonly filter?: Pick<ConnectionEventsOptions['sinks'][number], 'types' | 'systems'>;
}

function open(t: TestContext, { filter = {}, ...options }: Asked = {}) {
  const sink = new MemorySink();
  const events = new Events({ node: 'n2' });
  const logged: string[] = [];
  const say = (_: unknown, text: string) => void logged.push(text);
  const connectionEvents = createConnectionEvents({
    sinks: [{ name: 'presence', sink, ...filter }],
    events,
    sequences: new MemorySequences(),
    node: 'n2',
    incarnation: 7,
    log: { info: say, warn: say } as ConnectionEventsOptions['log'],
    ...options,
  });
  t.after(() => connectionEvents.close());
  const told = () => toldIn(sink.records);
  const short = () => told().map(inShort);
  const figures = () => connectionEvents.figures()[0];
  const whenTold = (count: number) => eventually(`${count} are told`, () => sink.records.length >= count);
  return { sink, events, connectionEvents, logged, told, short, figures, whenTold };
}

const ana = { cid: '1', uid: 'ana' };

describe('connection events', () => {
  test('say that the node is up, then who comes, binds, joins and goes, each with all that is known of it', async (t) => {
    const { events, told, whenTold, sink } = open(t);
    events.emit(emitted.connected({ cid: '1' }));
    events.emit(emitted.bound(ana));
    events.emit(emitted.joined(ana, 'room'));
    events.emit(emitted.disconnected(ana));
    await whenTold(5);
    const without = told().map(({ id, time, sequence, ...rest }) => rest);
    const common = { node: 'n2', incarnation: 7 };
    const place = { system: 'default', cid: '1', dialect: 'yunque', remoteAddress: '127.0.0.1' };
    const bound = { ...common, ...place, uid: 'ana', deviceId: 'device-1', channel: 'web' };
    assert.deepEqual(without, [
      { type: 'node_up', ...common },
      { type: 'online', ...common, ...place },
      { type: 'bind', ...bound },
      { type: 'group', change: 'joined', group: 'room', userId: 'their-name', extend: 'x', ...bound },
      { type: 'offline', code: 1006, reason: '', ...bound },
    ]);
    assert.deepEqual(
      sink.records.map(({ key }) => key),
      ['n2', '1', 'ana', 'ana', 'ana'],
    );
    assert.equal(new Set(sink.records.map(({ id }) => id)).size, 5);
    assert.deepEqual(
      sink.records.map(({ id }) => id),
      told().map(({ id }) => id),
    );
  });

  test('have growing sequences near the clock in microseconds', async (t) => {
    const before = Date.now() * 1000;
    const { events, told, whenTold } = open(t);
    for (let cid = 0; cid < 3000; cid += 1) events.emit(emitted.connected({ cid: String(cid) }));
    await whenTold(3001);
    const sequences = told().map(({ sequence }) => sequence);
    assert.deepEqual(
      sequences,
      [...new Set(sequences)].toSorted((a, b) => a - b),
    );
    assert.ok((sequences[0] ?? 0) > before - 1_000_000 && (sequences.at(-1) ?? 0) < before + 60_000_000);
  });

  test('never tell of the probe of the node, nor of what is not of a connection', async (t) => {
    const { events, short, whenTold } = open(t);
    events.emit(emitted.connected({ cid: '9', system: probeSystem }));
    events.emit(emitted.bound({ cid: '9', uid: 'probe', system: probeSystem }));
    events.emit({ type: 'system_added', system: 'shop' });
    events.emit({ type: 'kicked', system: 'default', cid: '1', reason: 'x' });
    events.emit(emitted.connected(ana));
    await whenTold(2);
    assert.deepEqual(short(), ['node_up n2 7', 'online 1']);
  });

  test('give a sink what it asked for, by type and system, and always what is told of nodes', async (t) => {
    const { events, short, whenTold } = open(t, { filter: { types: ['bind', 'offline'], systems: ['shop'] } });
    for (const system of ['default', 'shop']) {
      const who = { cid: system, uid: 'ana', system };
      events.emit(emitted.connected(who));
      events.emit(emitted.bound(who));
      events.emit(emitted.joined(who, 'room'));
      events.emit(emitted.disconnected(who));
    }
    await whenTold(3);
    assert.deepEqual(short(), ['node_up n2 7', 'bind shop', 'offline shop']);
  });

  test('are the same at each sink; one that fails holds no other up', async (t) => {
    const [well, ill] = [new MemorySink(), new MemorySink()];
    ill.fail('away');
    const { events } = open(t, {
      sinks: [
        { name: 'well', sink: well },
        { name: 'ill', sink: ill },
      ],
    });
    events.emit(emitted.connected(ana));
    await eventually('one has it', () => well.records.length === 2);
    ill.fail(undefined);
    await eventually('the other has it', () => ill.records.length === 2);
    assert.deepEqual(ill.records, well.records);
  });

  test('a batch that was not taken is given again as it was, before anything newer, until it is taken', async (t) => {
    const { sink, events, whenTold, short, figures, logged } = open(t);
    await whenTold(1);
    sink.fail('the queue is full');
    for (const cid of ['1', '2']) events.emit(emitted.connected({ cid }));
    await eventually('it is tried', () => sink.tried.length === 2);
    events.emit(emitted.connected({ cid: '3' }));
    await eventually('it is tried again', () => sink.tried.length >= 4);
    assert.equal(sink.tried[3], sink.tried[1]);
    const { sent, waiting, state, failure } = figures() ?? {};
    assert.deepEqual([sent, waiting, state, failure], [1, 3, 'failing', 'the queue is full']);
    sink.fail(undefined);
    await whenTold(4);
    assert.deepEqual(short(), ['node_up n2 7', 'online 1', 'online 2', 'online 3']);
    assert.deepEqual(logged, [
      'connection events wait: the sink does not take them',
      'the sink takes connection events again',
    ]);
    assert.deepEqual([figures()?.sent, figures()?.waiting, figures()?.dropped], [4, 0, 0]);
  });

  test('beyond the bound the oldest go, and a gap in their place says which; what is told of nodes stays', async (t) => {
    const { sink, events, connectionEvents, whenTold, short, told, figures } = open(t, { maxEvents: 3 });
    sink.fail('away');
    await eventually('the first batch is under way', () => sink.tried.length > 0);
    events.emit(emitted.connected({ cid: '1' }));
    await eventually('it waits', () => figures()?.waiting === 2);
    connectionEvents.reenter(8, []);
    for (const cid of ['2', '3', '4', '5']) events.emit(emitted.connected({ cid }));
    await eventually('some are dropped', () => figures()?.dropped === 3);
    sink.fail(undefined);
    await whenTold(5);
    assert.deepEqual(short(), ['node_up n2 7', 'gap 3', 'node_up n2 8', 'online 4', 'online 5']);
    const gap = told()[1];
    assert.ok(gap?.type === 'gap');
    const [first = Number.NaN, , second = Number.NaN, third = Number.NaN] = told().map(({ sequence }) => sequence);
    assert.ok(gap.from > first && gap.from < second, 'the first that is gone was before the node came again');
    assert.ok(gap.to > second && gap.to < third, 'the last that is gone was just before what is left');
    assert.equal(gap.sequence, gap.to);
  });

  test('flush waits for what waits, for so long at most; what is left when it closes is counted', async (t) => {
    const { sink, events, connectionEvents, figures, logged, short } = open(t);
    sink.hold();
    events.emit(emitted.disconnected(ana));
    const flushed = connectionEvents.flush(5000);
    await eventually('it is under way', () => sink.tried.length > 0);
    sink.release();
    await flushed;
    assert.deepEqual(short(), ['node_up n2 7', 'offline 1']);
    sink.fail('away');
    events.emit(emitted.connected(ana));
    await connectionEvents.flush(50);
    assert.equal(logged.at(-1), 'connection events that the sink did not take in time');
    await connectionEvents.close();
    assert.deepEqual([figures()?.dropped, figures()?.waiting, figures()?.state], [1, 0, 'closed']);
  });

  test('a node that was taken for dead says that it is up in its new incarnation, then all that is so again', async (t) => {
    const { events, connectionEvents, told, short, whenTold } = open(t);
    events.emit(emitted.bound(ana));
    connectionEvents.reenter(8, [emitted.connected(ana), emitted.bound(ana), emitted.joined(ana, 'room')]);
    events.emit(emitted.disconnected(ana));
    await whenTold(7);
    assert.deepEqual(short(), ['node_up n2 7', 'bind 1', 'node_up n2 8', 'online 1', 'bind 1', 'group 1', 'offline 1']);
    assert.deepEqual(
      told().map(({ incarnation }) => incarnation),
      [7, 7, 8, 8, 8, 8, 8],
    );
    const again = told().map((event) => 'again' in event && event.again);
    assert.deepEqual(again, [false, false, false, true, true, true, false]);
  });
});
