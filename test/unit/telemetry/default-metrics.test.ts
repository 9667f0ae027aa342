import assert from 'node:assert/strict';
import perfHooks from 'node:perf_hooks';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { collectProcessMetrics } from '../../../src/telemetry/default-metrics.ts';

test('a scrape has what prom-client knows of the process, and the loop is not woken up for a lag that is measured elsewhere', async (t) => {
  const monitor = t.mock.method(perfHooks, 'monitorEventLoopDelay');
  const registry = new Registry();
  collectProcessMetrics(registry);
  for (const { arguments: given } of monitor.mock.calls) assert.ok((given[0]?.resolution ?? 0) >= 60_000);
  // Twice: the first scrape's lag is known to the second.
  await registry.metrics();
  const text = await registry.metrics();
  assert.match(text, /^nodejs_heap_size_used_bytes \d+/m);
  assert.match(text, /^process_cpu_seconds_total /m);
  assert.match(text, /^nodejs_eventloop_lag_seconds /m);
  assert.doesNotMatch(text, /nodejs_eventloop_lag_(?!seconds)/);
});
