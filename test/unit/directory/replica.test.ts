import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RouteChange } from '../../../src/directory/cluster-directory.ts';
import type { Login } from '../../../src/directory/directory.ts';
import { ReplicaDirectory } from '../../../src/directory/replica.ts';

function createReplica(lease = 1, node = 'n1') {
  const shared: RouteChange[] = [];
  const directory = new ReplicaDirectory({ node, lease, share: async (change) => shared.push(change) });
  return { directory, shared };
}

const teller = { id: 'n2', incarnation: 1 };

const at = (node: string, cid: number, loginSequence: number, uid = 'alice'): Login => {
  return { system: 's', uid, node, cid, loginSequence };
};

describe('a replica of the directory', () => {
  test('shares each login and logout of its node in the turn of the call, and nothing that changes nothing', async () => {
    const { directory, shared } = createReplica();
    const login = directory.login({ system: 's', uid: 'alice', node: 'n1', cid: 1 });
    assert.equal(shared.length, 1);
    const loginSequence = await login;
    await directory.logout(at('n1', 1, loginSequence - 1));
    await directory.logout(at('n1', 1, loginSequence));
    await directory.logout(at('n1', 1, loginSequence));
    assert.deepEqual(
      shared.map(({ out }) => out),
      [false, true],
    );
  });

  test('numbers logins above all it has heard of, and never as another lease does', async () => {
    const [one, other] = [createReplica(1).directory, createReplica(2).directory];
    const route = { system: 's', uid: 'alice', node: 'n1', cid: 1 };
    const numbers = [await one.login(route), await other.login(route)];
    assert.notEqual(numbers[0], numbers[1]);
    other.apply(teller, { out: false, login: { ...route, node: 'n3', cid: 9, loginSequence: 7 * 2 ** 20 + 5 } });
    assert.ok((await other.login(route)) > 7 * 2 ** 20 + 5);
    one.onTold('n2', 100);
    assert.ok((await one.login(route)) > 100 * 2 ** 20);
    one.onTold('n2', Number.NaN);
    one.onTold('n2', 2 ** 52);
    assert.ok(Number.isSafeInteger(await one.login(route)));
  });

  test('forgets at once every route of a node that is gone, and what is told of its next start is kept', async () => {
    const { directory } = createReplica();
    for (let n = 0; n < 50_000; n += 1) directory.apply(teller, { out: false, login: at('n2', n, n, `u${n}`) });
    directory.apply(teller, { out: false, login: at('n2', 1, 1) });
    directory.apply(teller, { out: false, login: at('n3', 2, 2) });
    directory.onGone('n2');
    assert.deepEqual(await directory.routes('s', 'alice'), [at('n3', 2, 2)]);
    assert.deepEqual(directory.nodesOf('s', 'alice'), ['n3']);
    assert.deepEqual(directory.nodesOf('s', 'u49999'), []);
    directory.apply(teller, { out: false, login: at('n2', 7, 70_000, 'u49999') });
    while (directory.userCount('s') > 2) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(directory.nodesOf('s', 'u49999'), ['n2']);
    assert.equal(directory.userCount('s'), 2);
  });

  test('names each node of a user once, and tells a newcomer its own routes only', async () => {
    const { directory } = createReplica();
    const own = await directory.login({ system: 's', uid: 'alice', node: 'n1', cid: 1 });
    await directory.login({ system: 's', uid: 'bob', node: 'n1', cid: 2 });
    for (const cid of [3, 4]) directory.apply(teller, { out: false, login: at('n2', cid, cid) });
    assert.deepEqual(directory.nodesOf('s', 'alice').toSorted(), ['n1', 'n2']);
    assert.deepEqual(
      [...directory.own()].map(({ login: { uid, cid } }) => [uid, cid]),
      [
        ['alice', 1],
        ['bob', 2],
      ],
    );
    assert.deepEqual([...directory.own()][0]?.login, at('n1', 1, own));
  });
});
