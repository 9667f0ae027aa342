import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flatness, givenBack, type Held, never, type Sample } from '../soak/verdict.ts';

const MIB = 2 ** 20;
const held: Held = {
  rss: 200 * MIB,
  heapUsed: 50 * MIB,
  external: 8 * MIB,
  descriptors: 1000,
  sockets: 990,
  timers: 9,
};

/** `patch` at each step of 48. */
const samplesWith = (patch: (step: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: 48 }, (_, at) => ({ ...held, connections: 990, atMs: at * 1000, ...patch(at) }));

const failed = (checks: readonly { name: string; ok: boolean }[]) => checks.flatMap(({ ok, name }) => (ok ? [] : name));

test('what stays as it is, wavers, or grows in the first quarter only is flat', () => {
  assert.deepEqual(failed(flatness(samplesWith(() => ({})))), []);
  assert.deepEqual(failed(flatness(samplesWith((at) => ({ heapUsed: (50 + (at % 5)) * MIB })))), []);
  assert.deepEqual(failed(flatness(samplesWith((at) => ({ rss: (200 + Math.min(at, 12) * 20) * MIB })))), []);
});

test('what grows on and on is not, each in its own line', () => {
  for (const name of ['rss', 'heapUsed', 'external'] as const) {
    const checks = flatness(samplesWith((at) => ({ [name]: held[name] + at * 8 * MIB })));
    assert.deepEqual(failed(checks), [`${name}, first and last third`]);
  }
  for (const name of ['descriptors', 'sockets', 'timers'] as const) {
    const checks = flatness(samplesWith((at) => ({ [name]: held[name] + at * 4 })));
    const label = name === 'timers' ? name : `${name} beyond connections`;
    assert.deepEqual(failed(checks), [`${label}, first and last third`]);
  }
});

test('a crowd that grows needs more descriptors and sockets, and that is no leak', () => {
  const grown = (at: number) => ({ connections: 990 + at * 20, descriptors: 1000 + at * 20, sockets: 992 + at * 20 });
  assert.deepEqual(failed(flatness(samplesWith(grown))), []);
});

test('what is still held when all have gone fails, the resident size excepted', () => {
  assert.deepEqual(failed(givenBack(held, { ...held, rss: 10 * held.rss })), []);
  assert.deepEqual(failed(givenBack(held, { ...held, heapUsed: 60 * MIB, sockets: 1100 })), [
    'heapUsed, before and after',
    'sockets, before and after',
  ]);
});

test('of what must never happen once is too often', () => {
  assert.deepEqual([never('a', 0).ok, never('a', 1).ok], [true, false]);
});
