import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSoak } from '../soak/soak.ts';

/** `npm run soak` is the same with 10,000 clients for ten minutes. */
test('300 clients that come and go in every way for 20 s leave nothing behind, and nobody is lost', {
  timeout: 120_000,
}, async () => {
  const result = await runSoak({ clients: 300, durationMs: 20_000, seed: 20_261_122 });
  const { checks, report, errors, disconnects } = result;
  const failed = checks.filter(({ ok }) => !ok);
  assert.ok(result.ok, JSON.stringify({ failed, unexpected: report.tally.unexpected, errors }, undefined, 1));
  assert.ok(report.steady > 100 && report.tally.connects > 600 && report.tally.heard > 1000, JSON.stringify(report));
  // The load had every kind of end in it: of its own will, without a word, displaced, never bound.
  for (const code of [1000, 1006, 4002, 4005]) assert.ok((disconnects[code] ?? 0) > 0, JSON.stringify(disconnects));
});
