import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StallWatch } from '../../../../src/ingress/queue/sources/stall-watch.ts';

test('a process that stood still is told so once, and not while its loop runs', (t) => {
  const watch = new StallWatch(60);
  t.after(() => watch.close());
  assert.equal(watch.hasStalled(), false);
  const until = performance.now() + 70;
  while (performance.now() < until);
  assert.equal(watch.hasStalled(), true);
  assert.equal(watch.hasStalled(), false);
});
