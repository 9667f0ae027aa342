import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { serversFor, startCluster, type TestCluster, testSecrets } from '../support/cluster-process.ts';
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
  async function refusal(
    index: number,
    set: readonly string[] = [],
    env: Readonly<Record<string, string | undefined>> = {},
  ) {
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

  for (const [what, set, env, words] of [
    [
      'crypto key',
      [],
      { YUNQUE_CRYPTO_KEY: 'another test key' },
      /crypto\.key: it differs from that of the node (\S+) of/,
    ],
    [
      'cluster secret',
      [],
      { YUNQUE_CLUSTER_SECRET: 'another secret of the tests' },
      /cluster\.secret: it differs from that of the node (\S+) of/,
    ],
    [
      'cluster secret, since it has none of its own,',
      [],
      { YUNQUE_CLUSTER_SECRET: undefined },
      /cluster\.secret: it differs from that of the node (\S+) of .*derived from crypto\.key/,
    ],
    ['bus', ['cluster.bus=redis'], {}, /cluster\.bus: redis here, and rpc on the node (\S+) of/],
  ] as const) {
    test(`a node with another ${what} is refused, and told of a node that has the right one`, async () => {
      const { code, said } = await refusal(3, set, env);
      assert.equal(code, 78, said);
      const named = words.exec(said)?.[1] ?? '';
      assert.ok(named !== '' && [0, 1].some((index) => cluster.node(index).id === named), said);
      for (const secret of Object.values({ ...testSecrets, ...env })) assert.ok(!said.includes(secret ?? 'nothing'));
    });
  }

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
