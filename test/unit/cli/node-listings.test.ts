import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clusterStats, nodeStats } from '../../support/node-stats.ts';
import { type Asked, hangs, refuse, startFakeAdmin } from '../client/fake-admin.ts';
import { cli } from './run-cli.ts';

const here = nodeStats({
  node: 'n1',
  rpcAddress: '10.1.0.1:1666',
  uptimeSeconds: 61,
  connections: 5,
  users: 3,
  groups: 2,
});
const busy = nodeStats({ node: 'n2', state: 'draining', health: { verdict: 'degraded', reasons: ['draining'] } });
const unknown = (_: Asked, response: never) => refuse(response, 404, { code: 'unknown_node', message: 'no such node' });

describe('node ls', () => {
  it('says of each node where it is, how it is and what it holds', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /stats': clusterStats(1, [here, busy], ['n3']) });
    const { exit, out, err } = await cli(['node', 'ls', '-s', admin.url]);
    assert.equal(exit, 7);
    const [head, ...rows] = out.trimEnd().split('\n');
    assert.match(head ?? '', /^NODE +STATE +VERDICT +UP +CONNS +USERS +GROUPS +HTTP +RPC +VERSION$/);
    assert.match(
      rows[0] ?? '',
      /^n1 +serving +ok +1m01s +5 +3 +2 +http:\/\/127\.0\.0\.1:666 +10\.1\.0\.1:1666 +0\.1\.0$/,
    );
    assert.match(rows[1] ?? '', /^n2 +draining +degraded +1s +0 +0 +0 +http:\/\/127\.0\.0\.1:666 +- +0\.1\.0$/);
    assert.match(rows[2] ?? '', /^n3 +down +- +-/);
    assert.match(err, /no answer from n3/);
  });

  it('has the addresses in csv, too', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /stats': clusterStats(1, [here]) });
    const [head = '', row = ''] = (await cli(['node', 'ls', '-o', 'csv', '-s', admin.url])).out.split('\r\n');
    assert.match(head, /,version,addresses,rpcAddress$/);
    assert.match(row, /,0\.1\.0,http:\/\/127\.0\.0\.1:666,10\.1\.0\.1:1666$/);
  });
});

describe('node show', () => {
  it('shows the node named, or the one that is asked', async (t) => {
    const admin = await startFakeAdmin(t, {
      'GET /nodes/n1': here,
      'GET /version': { name: 'yunque', version: '1', commit: 'c', node: 'n1', runtime: 'v26' },
    });
    for (const args of [['n1'], []]) {
      const { exit, out } = await cli(['node', 'show', ...args, '-s', admin.url]);
      assert.equal(exit, 0);
      assert.match(out, /^health +ok\nnode +n1, serving, up 1m/);
      assert.match(out, /^rpc +10\.1\.0\.1:1666$/m);
    }
    const { out } = await cli(['node', 'show', 'n1', '--json', '-s', admin.url]);
    assert.deepEqual(JSON.parse(out), { schema: 'yunque.node/1', ...here });
  });

  it('of a stranger is an error that says so', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /nodes/n9': unknown });
    const { exit, err } = await cli(['node', 'show', 'n9', '-s', admin.url]);
    assert.equal(exit, 1);
    assert.match(err, /no such node/);
  });
});

describe('node ping', () => {
  const answers = {
    'GET /stats': clusterStats(1, [here, busy], ['n3']),
    'POST /nodes/n1/ping': { node: 'n1', from: 'n1', ms: 0 },
    'POST /nodes/n2/ping': { node: 'n2', from: 'n1', ms: 0.42 },
    'POST /nodes/n3/ping': { node: 'n3', from: 'n1' },
    'POST /nodes/n9/ping': unknown,
  };

  it('measures all nodes where none is named, and exits with 7 where some do not answer', async (t) => {
    const admin = await startFakeAdmin(t, answers);
    const { exit, out, err } = await cli(['node', 'ping', '-s', admin.url]);
    assert.equal(exit, 7);
    assert.match(out, /^NODE +FROM +RTT\nn1 +n1 +0\S* ms\nn2 +n1 +0\.42? ms\nn3 +n1 +no answer\n$/);
    assert.match(err, /no answer from n3/);
  });

  it('exits with 0 where all named answer, and 5 where none does', async (t) => {
    const admin = await startFakeAdmin(t, answers);
    const all = await cli(['node', 'ping', 'n2', 'n1', 'n2', '--json', '-s', admin.url]);
    assert.equal(all.exit, 0);
    assert.deepEqual(JSON.parse(all.out), {
      schema: 'yunque.pings/1',
      items: [answers['POST /nodes/n2/ping'], answers['POST /nodes/n1/ping']],
      total: 2,
    });
    assert.equal((await cli(['node', 'ping', 'n3', '-s', admin.url])).exit, 5);
  });

  it('says which names are none: 7 beside others, 1 alone', async (t) => {
    const admin = await startFakeAdmin(t, answers);
    const some = await cli(['node', 'ping', 'n9', 'n2', '-s', admin.url]);
    assert.equal(some.exit, 7);
    assert.match(some.err, /no such nodes: n9/);
    assert.equal((await cli(['node', 'ping', 'n9', '-s', admin.url])).exit, 1);
  });

  it('exits with 6 where the node that is asked does not answer, and 5 where nobody is there', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /nodes/n1/ping': hangs });
    assert.equal((await cli(['node', 'ping', 'n1', '--timeout', '200ms', '-s', admin.url])).exit, 6);
    assert.equal((await cli(['node', 'ping', 'n1', '-s', 'http://127.0.0.1:9'])).exit, 5);
  });
});
