import assert from 'node:assert/strict';
import { it } from 'node:test';
import { clusterStats, nodeStats } from '../../support/node-stats.ts';
import { startFakeAdmin } from '../client/fake-admin.ts';
import { cli } from './run-cli.ts';

it('doctor knows the workers of a node by its id, and what the others of its cluster run', async (t) => {
  const workers = [1, 2].map((number) => nodeStats({ node: `n1-${number}`, pid: process.pid, version: '9.9.9' }));
  const admin = await startFakeAdmin(t, {
    'GET /version': { name: 'yunque', version: '9.9.9', commit: 'c', node: 'n1', runtime: 'node' },
    'GET /stats': () => clusterStats(Date.now() + 5000, [...workers, nodeStats({ node: 'n2', version: '9.9.8' })]),
  });
  const { out } = await cli(['doctor', '0', '-s', admin.url, '--config', '/dev/null', '--json']);
  const items = JSON.parse(out).items as { readonly check: string; readonly level: string; readonly found: string }[];
  const found = (check: string) =>
    items.filter((item) => item.check === check).map((item) => `${item.level} ${item.found}`);
  assert.match(found('version')[0] ?? '', /^warning n1 runs 9\.9\.9, and n2 9\.9\.8$/);
  assert.match(found('clock')[0] ?? '', /^warning that of the node at .* is [45]\.\d s ahead of this one$/);
  if (process.platform === 'linux') {
    assert.match(found('descriptors')[0] ?? '', new RegExp(`the node, process ${process.pid}, may open`));
  }
});
