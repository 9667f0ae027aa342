import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemberSelector } from '../../../../src/api/command.ts';
import type { Target } from '../../../../src/api/target.ts';
import { createFakeCluster, type FakeCluster, type FakeClusterNode } from '../../../support/fake-cluster.ts';
import type { FakeConnection } from '../../../support/fake-connection.ts';
import { payloadOf } from '../../../support/fake-node.ts';
import { createRandom, pick, pickOf } from '../../../support/random.ts';

const systems = ['a', 'a:', 'b'] as const;
const uids = ['1', ':1', 'a:1', '__proto__'] as const;
const names = ['g', '1', 'a:g'] as const;

/** The same thing without nodes: a flat list, and which user joined what. */
interface Row {
  readonly connection: FakeConnection;
  readonly system: string;
  readonly uid: string | undefined;
  readonly groups: Set<string>;
}

class Model {
  rows: Row[] = [];
  readonly userGroups = new Set<string>();

  userKey(system: string, uid: string, group: string): string {
    return JSON.stringify([system, uid, group]);
  }

  open(connection: FakeConnection, system: string, uid: string | undefined): void {
    const joined = names.filter((name) => uid !== undefined && this.userGroups.has(this.userKey(system, uid, name)));
    this.rows.push({ connection, system, uid, groups: new Set(joined) });
  }

  close(rows: readonly Row[]): void {
    this.rows = this.rows.filter((row) => !rows.includes(row));
    for (const { system, uid } of rows) {
      if (uid === undefined || this.rows.some((row) => row.system === system && row.uid === uid)) continue;
      for (const name of names) this.userGroups.delete(this.userKey(system, uid, name));
    }
  }

  members(system: string, selector: MemberSelector): Row[] {
    return this.rows.filter((row) => {
      if (row.system !== system) return false;
      if (selector.by === 'connections') return selector.ids.includes(String(row.connection.cid));
      return row.uid !== undefined && selector.uids.includes(row.uid);
    });
  }

  select(system: string, target: Target): Row[] {
    return this.rows.filter((row) => {
      if (row.system !== system) return false;
      if (target.to === 'system') return true;
      if (target.to === 'users') return row.uid !== undefined && target.uids.includes(row.uid);
      if (target.to === 'groups') return target.groups.some((group) => row.groups.has(group));
      return target.to === 'connections' && target.ids.includes(String(row.connection.cid));
    });
  }
}

const cidsOf = (rows: readonly Row[]) => rows.map(({ connection }) => connection.cid).toSorted((a, b) => a - b);

function randomTarget(random: () => number, model: Model): Target {
  // Any cid, of whichever system: it must be found in its own only.
  const any = String(model.rows[pick(random, Math.max(1, model.rows.length))]?.connection.cid ?? 1);
  return pickOf<Target>(random, [
    { to: 'system' },
    { to: 'users', uids: [pickOf(random, uids), pickOf(random, uids)] },
    { to: 'groups', groups: [pickOf(random, names), pickOf(random, names)] },
    { to: 'connections', ids: [any] },
  ]);
}

async function step(cluster: FakeCluster, model: Model, random: () => number, at: number): Promise<string> {
  const node = cluster.nodes[pick(random, cluster.nodes.length)] as FakeClusterNode;
  const system = pickOf(random, systems);
  const group = pickOf(random, names);
  const target = randomTarget(random, model);
  const byIds: MemberSelector = { by: 'connections', ids: target.to === 'connections' ? target.ids : ['1'] };
  const members: MemberSelector = pick(random, 2) === 0 ? byIds : { by: 'users', uids: [pickOf(random, uids)] };
  switch (pick(random, 8)) {
    case 0: {
      model.open(node.open({ system }), system, undefined);
      return 'open';
    }
    case 1:
    case 2: {
      const uid = pickOf(random, uids);
      model.open(await node.login(uid, {}, { system, dialect: 'json' }), system, uid);
      return 'login';
    }
    case 3: {
      const found = model.members(system, members);
      const { matched } = await node.execute({ type: 'join', system, group, members });
      assert.equal(matched, found.length, 'join');
      for (const row of found) {
        row.groups.add(group);
        if (members.by === 'users') model.userGroups.add(model.userKey(system, row.uid ?? '', group));
      }
      return 'join';
    }
    case 4: {
      const found = model.members(system, members);
      await node.execute({ type: 'leave', system, group, members });
      for (const row of found) {
        row.groups.delete(group);
        if (members.by === 'users') model.userGroups.delete(model.userKey(system, row.uid ?? '', group));
      }
      return 'leave';
    }
    case 5: {
      if (target.to !== 'users' && target.to !== 'connections') return 'nothing';
      const found = model.select(system, target);
      const { closed } = await node.execute({ type: 'kick', system, target });
      assert.equal(closed, found.length, 'kick');
      model.close(found);
      return 'kick';
    }
    case 6: {
      if (pick(random, 4) > 0) return 'nothing';
      await node.execute({ type: 'removeGroup', system, group });
      for (const row of model.rows) if (row.system === system) row.groups.delete(group);
      for (const uid of uids) model.userGroups.delete(model.userKey(system, uid, group));
      return 'removeGroup';
    }
    default: {
      const expected = model.select(system, target);
      const msg = `m${at}`;
      const message = { kind: 'push', messageId: msg, sendUserId: '', code: 0, msg, data: 'null' } as const;
      const { delivered } = await node.execute({ type: 'push', door: 'http', system, target, message });
      const heard = model.rows.filter(({ connection }) => {
        return connection.received.some((frame) => payloadOf(frame).includes(`"messageId":"${msg}"`));
      });
      assert.deepEqual(cidsOf(heard), cidsOf(expected), `${JSON.stringify(target)} in ${system} from ${node.id}`);
      assert.equal(delivered, expected.length);
      return 'push';
    }
  }
}

for (const seed of [20260701, 20260702, 20260703]) {
  test(`whatever happens on three nodes in several systems with the same names, none hears of another (seed ${seed})`, async () => {
    const random = createRandom(seed);
    const cluster = await createFakeCluster();
    for (const system of systems) await cluster.systems.add(system, 1);
    const model = new Model();
    const counts: Record<string, number> = {};
    for (let at = 0; at < 700; at += 1) {
      const what = await step(cluster, model, random, at);
      counts[what] = (counts[what] ?? 0) + 1;
      await cluster.settled();
    }
    for (const system of systems) {
      for (const node of cluster.nodes) {
        const { items } = await node.execute({ type: 'listConnections', query: { system, limit: 1000 } });
        assert.deepEqual(
          items.map(({ cid }) => Number(cid)).toSorted((a, b) => a - b),
          cidsOf(model.rows.filter((row) => row.system === system)),
        );
        for (const name of names) {
          const page = await node.execute({ type: 'listMembers', system, group: name, query: { limit: 1000 } });
          assert.deepEqual(
            page.items.map(({ cid }) => Number(cid)).toSorted((a, b) => a - b),
            cidsOf(model.rows.filter((row) => row.system === system && row.groups.has(name))),
          );
        }
      }
    }
    for (const what of ['open', 'login', 'join', 'leave', 'kick', 'removeGroup', 'push']) {
      assert.ok((counts[what] ?? 0) > 10, `${what}: ${counts[what]}`);
    }
  });
}
