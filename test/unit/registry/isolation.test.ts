import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target } from '../../../src/api/target.ts';
import { joinGroup, joinGroupAsUser, leaveGroup, leaveGroupAsUser } from '../../../src/registry/groups.ts';
import { Registry } from '../../../src/registry/registry.ts';
import { select } from '../../../src/registry/select.ts';
import { FakeConnection } from '../../support/fake-connection.ts';
import { identity, mintClientId } from '../../support/fake-node.ts';
import { createRandom, pick, pickOf } from '../../support/random.ts';

const systems = ['a', 'a:', 'b'] as const;
const uids = ['1', ':1', 'a:1'] as const;
const names = ['g', '1', 'a:g'] as const;
const labels = { userId: '', extend: '' };

/** The same thing without any index: a flat list, and who joined what. */
interface ModelRow {
  readonly connection: FakeConnection;
  readonly system: string;
  uid: string | undefined;
  readonly groups: Set<string>;
}

class Model {
  rows: ModelRow[] = [];
  readonly userGroups = new Set<string>();

  key(system: string, uid: string, group: string): string {
    return JSON.stringify([system, uid, group]);
  }

  ofUser(system: string, uid: string): ModelRow[] {
    return this.rows.filter((row) => row.system === system && row.uid === uid);
  }

  remove(row: ModelRow): void {
    this.rows = this.rows.filter((other) => other !== row);
    if (row.uid === undefined || this.ofUser(row.system, row.uid).length > 0) return;
    for (const name of names) this.userGroups.delete(this.key(row.system, row.uid, name));
  }

  select(system: string, target: Target): number[] {
    const rows = this.rows.filter((row) => {
      if (row.system !== system) return false;
      if (target.to === 'system') return true;
      if (target.to === 'users') return row.uid !== undefined && target.uids.includes(row.uid);
      if (target.to === 'groups') return target.groups.some((group) => row.groups.has(group));
      return target.to === 'connections' && target.ids.includes(String(row.connection.cid));
    });
    return rows.map((row) => row.connection.cid).sort((a, b) => a - b);
  }
}

test('whatever happens in several systems with the same names, each holds exactly its own', () => {
  const random = createRandom(20260725);
  const registry = new Registry({ mintClientId });
  const model = new Model();
  let cids = 0;
  const counts = { add: 0, bind: 0, join: 0, joinUser: 0, leave: 0, leaveUser: 0, remove: 0 };

  const anyRow = () => model.rows[pick(random, model.rows.length)];
  const steps: readonly ((system: string, uid: string, name: string) => void)[] = [
    (system) => {
      cids += 1;
      const connection = new FakeConnection({ cid: cids, system });
      registry.add(connection);
      model.rows.push({ connection, system, uid: undefined, groups: new Set() });
      counts.add += 1;
    },
    (_system, uid) => {
      const row = anyRow();
      if (row === undefined || row.uid !== undefined) return;
      const joined = registry.bind(row.connection, identity(uid));
      row.uid = uid;
      const expected = names.filter(
        (name) => model.userGroups.has(model.key(row.system, uid, name)) && !row.groups.has(name),
      );
      assert.deepEqual(joined.map(({ group }) => group.name).sort(), expected.sort());
      for (const name of expected) row.groups.add(name);
      counts.bind += 1;
    },
    (_system, _uid, name) => {
      const row = anyRow();
      const index = row && registry.system(row.system);
      if (row === undefined || index === undefined) return;
      assert.equal(joinGroup(index, name, row.connection, labels) !== undefined, !row.groups.has(name));
      row.groups.add(name);
      counts.join += 1;
    },
    (system, uid, name) => {
      const index = registry.system(system);
      const user = index?.users.get(uid);
      assert.equal(user !== undefined, model.ofUser(system, uid).length > 0);
      if (index === undefined || user === undefined) return;
      joinGroupAsUser(index, name, user, labels);
      model.userGroups.add(model.key(system, uid, name));
      for (const row of model.ofUser(system, uid)) row.groups.add(name);
      counts.joinUser += 1;
    },
    (_system, _uid, name) => {
      const row = anyRow();
      const index = row && registry.system(row.system);
      const group = index?.groups.get(name);
      if (row === undefined || index === undefined || group === undefined) return;
      assert.equal(leaveGroup(index, group, row.connection) !== undefined, row.groups.has(name));
      row.groups.delete(name);
      counts.leave += 1;
    },
    (system, uid, name) => {
      const index = registry.system(system);
      const user = index?.users.get(uid);
      const group = index?.groups.get(name);
      if (index === undefined || user === undefined || group === undefined) return;
      leaveGroupAsUser(index, group, user);
      model.userGroups.delete(model.key(system, uid, name));
      for (const row of model.ofUser(system, uid)) row.groups.delete(name);
      counts.leaveUser += 1;
    },
    () => {
      const row = anyRow();
      if (row === undefined) return;
      const left = registry.remove(row.connection);
      assert.deepEqual(left?.map(({ group }) => group.name).sort(), [...row.groups].sort());
      model.remove(row);
      counts.remove += 1;
    },
  ];

  for (let n = 0; n < 6000; n += 1) {
    // More come than go while there are few, so that all sizes are met.
    const step = model.rows.length < 4 ? steps[0] : steps[pick(random, steps.length)];
    step?.(pickOf(random, systems), pickOf(random, uids), pickOf(random, names));
    assert.equal(registry.size, model.rows.length);
    const system = pickOf(random, systems);
    const targets: readonly Target[] = [
      { to: 'system' },
      { to: 'users', uids: [pickOf(random, uids)] },
      { to: 'users', uids: [...uids] },
      { to: 'groups', groups: [pickOf(random, names)] },
      { to: 'groups', groups: [...names] },
      { to: 'connections', ids: model.rows.map((row) => String(row.connection.cid)) },
    ];
    for (const target of targets) {
      const found = [...select(registry, system, target).connections];
      assert.ok(
        found.every((connection) => connection.system === system),
        `${n}: another system’s connection`,
      );
      assert.deepEqual(
        found.map(({ cid }) => cid).sort((a, b) => a - b),
        model.select(system, target),
        `${n}: ${target.to}`,
      );
    }
    const index = registry.system(system);
    const expectedGroups = names.filter(
      (name) =>
        model.rows.some((row) => row.system === system && row.groups.has(name)) ||
        uids.some((uid) => model.userGroups.has(model.key(system, uid, name))),
    );
    assert.deepEqual([...(index?.groups.keys() ?? [])].sort(), expectedGroups.sort(), `${n}: groups`);
  }
  for (const [what, times] of Object.entries(counts)) assert.ok(times > 200, `${what} happened ${times} times`);
});
