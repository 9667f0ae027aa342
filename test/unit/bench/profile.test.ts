import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { flameSvg } from '../../bench/harness/flame.ts';
import { hottest, readProfile } from '../../bench/harness/profile.ts';

const frame = (functionName: string, url = '') => ({
  functionName,
  url,
  scriptId: '0',
  lineNumber: 41,
  columnNumber: 0,
});
const source = new URL('../../../src/registry/fanout.ts', import.meta.url).href;
/** 100 µs of write below each of two callers, 200 µs of a callee's own, and what does not count. */
const profile = {
  startTime: 0,
  endTime: 10_000,
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 4, 6, 7] },
    { id: 2, callFrame: frame('fanout', source), children: [3] },
    { id: 3, callFrame: frame('write'), children: [] },
    { id: 4, callFrame: frame('a<b', 'node:net'), children: [5] },
    { id: 5, callFrame: frame('write'), children: [] },
    { id: 6, callFrame: frame('(idle)'), children: [] },
    { id: 7, callFrame: frame('post', 'node:inspector'), children: [] },
  ],
  samples: [2, 3, 5, 6, 7],
  timeDeltas: [200, 100, 100, 5000, 700],
};

describe('the profiles of npm run bench', () => {
  test('shares are of the time the server was busy, without the profiler itself', () => {
    const tree = readProfile(profile);
    assert.equal(tree.total, 1);
    assert.deepEqual(
      tree.children.map(({ name, place, self, total }) => ({ name, place, self, total })),
      [
        { name: 'fanout', place: 'src/registry/fanout.ts:42', self: 0.5, total: 0.75 },
        { name: 'a<b', place: 'node:net:42', self: 0, total: 0.25 },
      ],
    );
  });

  test('a function is as hot as all its calls', () => {
    const [first, second] = hottest(readProfile(profile), 2);
    assert.deepEqual([first?.self, second?.self], [0.5, 0.5]);
    assert.deepEqual([first?.name, second?.name].sort(), ['fanout', 'write']);
  });

  test('a flame graph has a box for each call, as wide as its share', () => {
    const svg = flameSvg(readProfile(profile), 'a title');
    const widths = [...svg.matchAll(/<rect class="box (\w+)" x="[\d.]+" y="\d+" width="([\d.]+)"/g)].map(
      ([, kind, width]) => `${kind} ${Math.round(Number(width) / 9.4)}`,
    );
    assert.deepEqual(widths.sort(), ['library 25', 'native 100', 'native 25', 'native 25', 'own 75']);
    assert.match(svg, /a&lt;b node:net:42: 25\.0 %, itself 0\.0 %/);
  });
});
