import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../../../support/eventually.ts';
import { createFakeCluster, type FakeCluster, type FakeClusterNode } from '../../../support/fake-cluster.ts';
import type { FakeConnection } from '../../../support/fake-connection.ts';
import { FakeMembership } from '../../../support/fake-membership.ts';
import { jsonOf } from '../../../support/fake-node.ts';

const names = ['n1', 'n2', 'n3', 'n4'];

class Place {
  readonly cluster: FakeCluster;
  readonly membership: FakeMembership;
  /** A member of `g` on each node, which has heard nothing yet. */
  readonly witnesses: readonly FakeConnection[];
  #incarnation = 1000;

  constructor(cluster: FakeCluster, membership: FakeMembership, witnesses: readonly FakeConnection[]) {
    this.cluster = cluster;
    this.membership = membership;
    this.witnesses = witnesses;
  }

  static async create(overrides = {}): Promise<Place> {
    const membership = new FakeMembership();
    const cluster = await createFakeCluster(names, { membership, overrides });
    const place = new Place(
      cluster,
      membership,
      cluster.nodes.map((node) => node.open()),
    );
    await place.join(place.witnesses);
    place.forget();
    return place;
  }

  node(at: number): FakeClusterNode {
    const node = this.cluster.nodes[at];
    assert.ok(node !== undefined);
    return node;
  }

  async change(type: 'join' | 'leave', connections: readonly FakeConnection[], at = 0): Promise<void> {
    const members = { by: 'connections', ids: connections.map(({ cid }) => String(cid)) } as const;
    await this.node(at).execute({ type, system: 'default', group: 'g', members });
    await this.cluster.settled();
  }

  join(connections: readonly FakeConnection[], at = 0): Promise<void> {
    return this.change('join', connections, at);
  }

  forget(): void {
    for (const { received } of this.witnesses) received.length = 0;
  }

  others(at: number): string[] {
    return names.filter((_, other) => other !== at);
  }

  /** It stands still: its links end, and then its lease. */
  async expire(at: number): Promise<void> {
    const { id } = this.node(at);
    for (const other of this.others(at)) this.cluster.hub.cut(id, other);
    this.membership.expire(id);
    await this.cluster.settled();
  }

  /** It goes on, and notices that its lease is over. */
  async reenter(at: number): Promise<void> {
    this.#incarnation += 1;
    const { peers } = this.node(at);
    this.membership.enter({ id: peers.self.id, incarnation: this.#incarnation });
    peers.reenter(this.#incarnation);
    await this.cluster.settled();
  }

  /** Code and whose, as a witness heard them. */
  heard(at: number): string[] {
    return jsonOf(this.witnesses[at] as FakeConnection).map(
      ({ code, data }) => `${code} ${(data as { clientId: string }).clientId}`,
    );
  }

  notice(code: 1001 | 1002, at: number, connection: FakeConnection | undefined): string {
    return `${code} ${this.node(at).context.registry.clientIdOf(connection as FakeConnection)}`;
  }
}

describe('a node that was taken for dead and enters again', () => {
  test('tells the members on the others that its own are there: each once, after they were told of once that they had gone', async () => {
    const place = await Place.create();
    const mate = place.node(1).open();
    await place.join([mate]);
    place.forget();
    await place.expire(1);
    await place.reenter(1);
    const own = [place.witnesses[1], mate];
    const gone = own.map((each) => place.notice(1002, 1, each));
    const back = own.map((each) => place.notice(1001, 1, each));
    for (const at of [0, 2, 3]) {
      assert.deepEqual(place.heard(at).slice(0, 2).toSorted(), gone.toSorted());
      assert.deepEqual(place.heard(at).slice(2).toSorted(), back.toSorted());
    }
    assert.deepEqual(place.heard(1), [], 'its own members knew it');
    mate.close('kicked');
    await place.cluster.settled();
    for (const at of [0, 2, 3]) assert.deepEqual(place.heard(at).slice(4), [place.notice(1002, 1, mate)]);
  });

  test('twice has its members go and come twice, and then no more', async () => {
    const place = await Place.create();
    const round = [place.notice(1002, 1, place.witnesses[1]), place.notice(1001, 1, place.witnesses[1])];
    for (const rounds of [round, [...round, ...round]]) {
      await place.expire(1);
      await place.reenter(1);
      for (const at of [0, 2, 3]) assert.deepEqual(place.heard(at), rounds);
    }
    place.cluster.hub.cut('n1', 'n2');
    place.cluster.hub.mend('n1', 'n2');
    await place.reenter(1);
    for (const at of [0, 2, 3]) assert.deepEqual(place.heard(at), [...round, ...round]);
  });

  test('before the others took it for gone is told of by nobody, whichever of them saw it first', async () => {
    const place = await Place.create();
    await place.reenter(1);
    for (const other of place.others(2)) place.cluster.hub.cut('n3', other);
    await place.reenter(2);
    for (const at of [0, 1, 2, 3]) assert.deepEqual(place.heard(at), []);
    const kept = () => place.cluster.nodes.map(({ keptMemberships }) => keptMemberships);
    assert.deepEqual(
      kept().reduce((sum, count) => sum + count, 0),
      8,
      'each membership is kept by two nodes, as before',
    );
    await place.expire(1);
    for (const at of [0, 2, 3]) assert.deepEqual(place.heard(at), [place.notice(1002, 1, place.witnesses[1])]);
  });

  test('tells of those that came while it was away, and not of those that went', async () => {
    const place = await Place.create();
    const [left, stays] = [place.node(1).open(), place.node(1).open()];
    await place.join([left, stays]);
    await place.expire(1);
    left.close('kicked');
    const late = place.node(1).open();
    await place.join([late], 1);
    place.forget();
    await place.reenter(1);
    const back = [place.witnesses[1], stays, late].map((each) => place.notice(1001, 1, each));
    for (const at of [0, 2, 3]) assert.deepEqual(place.heard(at).toSorted(), back.toSorted());
  });

  test('has its members recorded: when it dies they are told of once', async () => {
    const place = await Place.create();
    await place.expire(1);
    await place.reenter(1);
    place.forget();
    place.cluster.hub.kill('n2');
    place.membership.expire('n2');
    await place.cluster.settled();
    for (const at of [0, 2, 3]) assert.deepEqual(place.heard(at), [place.notice(1002, 1, place.witnesses[1])]);
  });

  test('says nothing where notices are off', async () => {
    const place = await Place.create({ notices: false });
    await place.expire(1);
    await place.reenter(1);
    for (const at of [0, 1, 2, 3]) assert.deepEqual(place.heard(at), []);
  });

  test('is not mistaken for a new start of it: those are gone, and do not come back', async () => {
    const place = await Place.create();
    await place.expire(1);
    const again = await place.cluster.join('n2');
    await place.cluster.settled();
    const lost = [place.notice(1002, 1, place.witnesses[1])];
    for (const at of [0, 2, 3]) assert.deepEqual(place.heard(at), lost);
    const connection = again.open();
    await place.join([connection]);
    place.forget();
    for (const other of place.others(1)) place.cluster.hub.cut('n2', other);
    for (const other of place.others(1)) place.cluster.hub.mend('n2', other);
    await place.cluster.settled();
    for (const at of [0, 2, 3]) assert.deepEqual(place.heard(at), [], 'it was not it that was taken for dead');
    connection.close('kicked');
    await place.cluster.settled();
    place.forget();
    await again.close();
    await place.cluster.settled();
    for (const at of [0, 2, 3]) assert.deepEqual(place.heard(at), []);
  });

  test('while members come and go has the comings and goings of each take turns on every node', async () => {
    const place = await Place.create();
    const crowd = Array.from({ length: 1100 }, () => place.node(1).open());
    await place.join(crowd);
    await place.expire(1);
    const back = place.reenter(1);
    // In each turn of the telling some go that have been told of, some that have not, and some come.
    const fresh: FakeConnection[] = [];
    for (let turn = 0; turn < 12; turn += 1) {
      for (const at of [turn, 500 + turn, 1080 + turn]) crowd[at]?.close('kicked');
      const connection = place.node(1).open();
      fresh.push(connection);
      const members = { by: 'connections', ids: [String(connection.cid)] } as const;
      await place.node(1).execute({ type: 'join', system: 'default', group: 'g', members });
      if (turn % 3 === 0) connection.close('kicked');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await back;
    const present = new Set(
      [...crowd, ...fresh, place.witnesses[1]]
        .filter((each) => each?.groups?.size === 1)
        .map((each) => place.node(1).context.registry.clientIdOf(each as FakeConnection)),
    );
    for (const at of [0, 2, 3]) {
      const believed = () => {
        const there = new Map<string, string>();
        for (const [code, clientId] of place.heard(at).map((heard) => heard.split(' ') as [string, string])) {
          const before = there.get(clientId) ?? '1002';
          if (clientId !== place.notice(1001, 1, place.witnesses[1]).slice(5) || there.has(clientId))
            assert.notEqual(code, before, `${clientId} twice`);
          there.set(clientId, code);
        }
        return new Set([...there].filter(([, code]) => code === '1001').map(([clientId]) => clientId));
      };
      await eventually('all are told of', () => believed().size === present.size);
      assert.deepEqual(believed(), present);
    }
  });
});
