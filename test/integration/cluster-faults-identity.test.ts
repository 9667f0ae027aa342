import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { serversFor, startCluster, type TestCluster } from '../support/cluster-process.ts';
import { eventually } from '../support/eventually.ts';
import type { Scope } from '../support/services/scope.ts';

/** Two nodes that run, and places for more, which are refused. */
describe('a node that must not enter', () => {
  const endings: (() => Promise<void>)[] = [];
  const scope: Scope = { after: (end) => void endings.push(end) };
  let cluster: TestCluster;

  before(async () => {
    cluster = await startCluster(scope, { ...(await serversFor(scope, 'rpc')), bus: 'rpc', nodes: 5, start: false });
    await Promise.all([cluster.node(0).start(), cluster.node(1).start()]);
    await cluster.whenWhole();
  });
  after(async () => {
    for (const end of endings.reverse()) await end();
  });

  /** What it wrote when it ended, and how. The others are not disturbed. */
  async function refusal(index: number, set: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    const client = await cluster.node(0).join('json');
    const node = cluster.node(index);
    node.launch(set, env);
    const code = await node.ended();
    await eventually('all it wrote is read', () => node.said.includes('hint:'));
    await cluster.whenWhole();
    const { delivered } = await cluster.node(1).admin.send({ target: { to: 'system' }, push: { msg: 'still here' } });
    assert.equal(delivered, 1);
    await client.message(({ msg }) => msg === 'still here');
    await client.close();
    assert.doesNotMatch(node.said, /\n\s+at /, 'no stack');
    return { code, said: node.said };
  }

  test('a copy of the data directory of a node that runs is refused, and told who holds its id', async () => {
    const [original, copy] = [cluster.node(0), cluster.node(2)];
    await cp(original.dataDirectory, copy.dataDirectory, { recursive: true });
    const { code, said } = await refusal(2);
    assert.equal(code, 78);
    assert.ok(said.includes(original.id) && said.includes(original.dataDirectory), said);
  });

  test('a node with another crypto key is refused, and told of a node that has the right one', async () => {
    const { code, said } = await refusal(3, [], { YUNQUE_CRYPTO_KEY: 'another test key' });
    assert.equal(code, 78);
    assert.match(said, /crypto\.key/);
    assert.ok(
      cluster.nodes.some(({ id }) => id !== '' && said.includes(id)),
      said,
    );
  });

  test('a node whose RPC port is taken says which, and what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const { code, said } = await refusal(4, [`cluster.rpcPort=${port}`]);
    taken.close();
    assert.equal(code, 1);
    assert.ok(said.includes(String(port)) && said.includes('cluster.rpcPort'), said);
  });
});
