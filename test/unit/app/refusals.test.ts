import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeEvent } from '../../../src/api/event.ts';
import { createOnRefused } from '../../../src/app/refusals.ts';
import { Counters } from '../../../src/telemetry/counters.ts';
import { Events } from '../../../src/telemetry/events.ts';
import { createLogger } from '../../../src/telemetry/log.ts';

test('more exact words are for the log, and for no event', () => {
  const events = new Events({ node: 'n1' });
  const lines: string[] = [];
  const log = createLogger({ level: 'debug', format: 'json', destination: { write: (line) => void lines.push(line) } });
  const told: NodeEvent[] = [];
  events.subscribe((event) => void told.push(event));
  const refusal = { error: 'unauthorized', what: 'bind', remoteAddress: '10.0.0.1' } as const;
  createOnRefused({ counters: new Counters(), events, log })(refusal, `iss is \u001b"${'x'.repeat(1000)}`);
  assert.match(JSON.parse(lines[0] ?? '').detail, /^iss is \\u001b"x{291}…$/);
  assert.doesNotMatch(JSON.stringify(told), /iss/);
});

test('a refusal is counted, told and logged in few words, none of which moves a terminal', () => {
  const counters = new Counters();
  const events = new Events({ node: 'n1' });
  const lines: string[] = [];
  const log = createLogger({ level: 'debug', format: 'json', destination: { write: (line) => void lines.push(line) } });
  const told: NodeEvent[] = [];
  events.subscribe((event) => void told.push(event));
  const what = `bind: \u001b[2J\u202e\n${'x'.repeat(1_000_000)}`;
  createOnRefused({ counters, events, log })({ error: 'kicked', what, remoteAddress: '10.0.0.1' });
  assert.deepEqual(counters.refused, { kicked: 1 });
  const [event] = told;
  assert.ok(event?.type === 'refused');
  assert.match(event.what, /^bind: \\u001b\[2J\\u202e\\u000ax{288}…$/);
  assert.equal(JSON.parse(lines[0] ?? '').what, event.what);
});
