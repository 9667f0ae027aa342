import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHead } from '../../bench/harness/top-process.ts';

const screen = (out: string) => ` ● OK                                          yunque 0.1.0  every 1s  14:03:51
 nodes 2/3  online 15,000  users 0  groups 0  slow 3  queued 214 KiB
 in/s       632 ████████▇▇▇▇▇▇  delivered 99.99 %   loop p99  7.2 ms
 out/s ${out} ███▇▇▇▇▇▇▇▇▇▇▇  drops/s   0         memory    399 MiB`;

test('the figures of a screen of `top` are read from its head, without a rate before there is one', () => {
  assert.deepEqual(readHead(screen('  30,129')), { nodes: 2, online: 15_000, slow: 3, out: 30_129 });
  assert.equal(readHead(screen('       -')).out, undefined);
  assert.throws(() => readHead('■ RECONNECTING'), /does not say nodes:\n■ RECONNECTING/);
});
