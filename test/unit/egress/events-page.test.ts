import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { ConnectionEvent } from '../../../src/egress/events/connection-event.ts';
import { createConnectionEvents } from '../../../src/egress/events/connection-events.ts';
import { MemorySequences } from '../../../src/egress/events/sequences.ts';
import { Events } from '../../../src/telemetry/events.ts';
import { eventually } from '../../support/eventually.ts';
import { MemorySink } from '../../support/memory-sink.ts';
import { toldIn } from '../../support/presence-events.ts';
import { silentLogger } from '../../support/silent-logger.ts';

const place = { system: 'default', cid: '1', clientId: 'c', dialect: 'json', remoteAddress: '192.0.2.7' } as const;
const bound = { ...place, uid: 'alice', deviceId: 'd-1', channel: 'web' };

test('the examples of docs/events.md, in both languages, have the members of what is told', async (t) => {
  const sink = new MemorySink();
  const events = new Events({ node: 'n1' });
  const told = createConnectionEvents({
    sinks: [{ name: 'presence', sink }],
    events,
    sequences: new MemorySequences(),
    node: 'n1',
    incarnation: 1795383000000,
    maxEvents: 8,
    log: silentLogger(),
  });
  t.after(() => told.close());
  events.emit({ type: 'connected', ...place });
  events.emit({ type: 'bound', ...bound });
  events.emit({ type: 'joined', group: 'room-1', userId: '4711', extend: '', ...bound });
  events.emit({ type: 'disconnected', code: 1001, reason: '', ...bound });
  events.emit({ type: 'node_down', peer: 'n2', incarnation: 1, address: '' });
  await eventually('they are told', () => sink.records.length === 6);
  sink.hold();
  for (let cid = 0; cid < 20; cid += 1) events.emit({ type: 'connected', ...place, cid: String(cid) });
  await eventually('some are dropped', () => (told.figures()[0]?.dropped ?? 0) > 0);
  sink.release();
  const all = () => toldIn(sink.records);
  await eventually('the gap is told', () => all().some(({ type }) => type === 'gap'));
  const shapes = new Map(
    all()
      .map((event) => [event.type, shapeOf(event)] as const)
      .toReversed(),
  );
  for (const page of ['docs/events.md', 'docs/events.zh-CN.md']) {
    const text = await readFile(new URL(`../../../${page}`, import.meta.url), 'utf8');
    const examples = [...text.matchAll(/```json\n(.*?)\n```/gs)].map(([, json]) => JSON.parse(json ?? ''));
    assert.deepEqual(examples.map(({ type }) => type).toSorted(), [...shapes.keys()].toSorted(), page);
    for (const example of examples) assert.deepEqual(shapeOf(example), shapes.get(example.type), page);
  }
});

function shapeOf(event: ConnectionEvent): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [name, typeof value]));
}
