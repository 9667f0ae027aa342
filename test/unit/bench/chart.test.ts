import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chartSvg } from '../../bench/harness/chart.ts';
import type { BatchPoint } from '../../bench/harness/row.ts';

const points: BatchPoint[] = [
  { server: 'yunque', size: 1, deliveriesPerSecond: 120_000, p50Ms: 4, p99Ms: 9 },
  { server: 'yunque', size: 1000, deliveriesPerSecond: 9_000_000, p50Ms: 40, p99Ms: 90 },
  { server: 'naive <ws>', size: 1, deliveriesPerSecond: 110_000, p50Ms: 5, p99Ms: 11 },
];

describe('the chart of npm run bench', () => {
  const svg = chartSvg(points, 'a & b');

  test('has a line for each server and value, inside the picture', () => {
    const lines = [...svg.matchAll(/<polyline class="line s(\d)( dashed)?" points="([^"]*)"/g)];
    assert.deepEqual(
      lines.map(([, server, dashed = '']) => `${server}${dashed}`),
      ['0', '1', '0', '0 dashed', '1', '1 dashed'],
    );
    const [, , , corners = ''] = lines[0] ?? [];
    const places = corners.split(' ').map((corner) => corner.split(',').map(Number));
    assert.equal(places.length, 2);
    for (const [x = -1, y = -1] of places) assert.ok(x > 0 && x < 760 && y > 0 && y < 728, `${x},${y}`);
    // More is higher, and to the right.
    assert.ok((places[1]?.[0] ?? 0) > (places[0]?.[0] ?? 0));
    assert.ok((places[1]?.[1] ?? 0) < (places[0]?.[1] ?? 0));
  });

  test('can be read on light and on dark, and is well-formed', () => {
    assert.match(svg, /prefers-color-scheme: dark/);
    assert.match(svg, /naive &lt;ws&gt;/);
    assert.match(svg, /<title id="title">a &amp; b<\/title>/);
    assert.doesNotMatch(svg, /NaN|undefined/);
    const opened = svg.match(/<[a-z]+(?:\s[^>]*[^/])?>/g)?.length;
    assert.equal(opened, svg.match(/<\/[a-z]+>/g)?.length);
  });
});
