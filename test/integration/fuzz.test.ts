import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzTarget } from '../fuzz/fuzz-target.ts';
import { targets } from '../fuzz/targets/index.ts';

/** The same inputs in every run; `npm run fuzz` takes other ones, and two hundred times as many. */
const seed = 20_261_122;

for (const target of targets) {
  const inputs = target.count / 200;
  test(`${target.name}: ${inputs} generated inputs are taken or refused as documented`, async () => {
    const report = await fuzzTarget(target, { seed, count: inputs });
    assert.deepEqual(report.findings, []);
    assert.equal(report.inputs, inputs);
  });
}
