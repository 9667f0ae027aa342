import assert from 'node:assert/strict';
import { type ClusterOptions, type ClusterProcess, startCluster, type TestCluster } from './cluster-process.ts';
import { eventually } from './eventually.ts';
import { type Device, Ledger } from './ledger.ts';
import type { Scope } from './services/scope.ts';
import type { WsClient } from './ws-clients.ts';
import type { DialectName } from './ws-decode.ts';

const systems = ['default', 'shop'] as const;
export type SystemName = (typeof systems)[number];

/** Of a device that is bound to a user. */
interface Binding {
  readonly uid: string;
  readonly channel: string;
  readonly deviceId: string;
}

/**
 * A cluster with clients of all dialects in two systems: on each node a member of go-websocket's group `room` in each system, and a user of
 * its own that is in it too; and in each system a `traveller` with a device on the first node and one on the last. Six streams go to them, to
 * a user, a group and everyone of each system, from different nodes.
 */
export class Scene {
  readonly cluster: TestCluster;
  /** With clients; the cluster may have more. */
  readonly nodes: readonly ClusterProcess[];
  readonly ledger = new Ledger();
  readonly #bursts: readonly string[];
  #travellers = 0;

  /** `bursts`: further streams from the last node, half of them to `room` of `default`, half to everyone there. */
  constructor(cluster: TestCluster, nodes: number, bursts = 0) {
    this.cluster = cluster;
    this.nodes = cluster.nodes.slice(0, nodes);
    const from = (index: number) => cluster.node(index % nodes);
    for (const [at, system] of systems.entries()) {
      this.ledger.addStream(`user-${system}`, { from: from(at), system, to: { user: 'traveller' } });
      this.ledger.addStream(`group-${system}`, { from: from(at + 1), system, to: { group: 'room' } });
      this.ledger.addStream(`all-${system}`, { from: from(at + 2), system, to: { everyone: true } });
    }
    this.#bursts = Array.from({ length: bursts }, (_, n) => `burst-${n}-${n % 2 === 0 ? 'group' : 'all'}`);
    for (const name of this.#bursts) {
      const to = name.endsWith('group') ? ({ group: 'room' } as const) : ({ everyone: true } as const);
      this.ledger.addStream(name, { from: this.last, to });
    }
  }

  get last(): ClusterProcess {
    return this.cluster.node(this.nodes.length - 1);
  }

  async populate(): Promise<void> {
    await this.cluster.node(0).admin.addSystem('shop');
    for (const [index, node] of this.nodes.entries()) await this.populateNode(node, index);
    await this.addTraveller('default', this.cluster.node(0), 'yunque', 'web');
    await this.addTraveller('default', this.last, 'cim', 'android');
    await this.addTraveller('shop', this.cluster.node(0), 'cim-json', 'android');
    await this.addTraveller('shop', this.last, 'yunque', 'web');
  }

  /** What belongs on a node, but for travellers. */
  async populateNode(node: ClusterProcess, index: number): Promise<void> {
    for (const [at, system] of systems.entries()) {
      const dialect = (['yunque', 'cim', 'cim-json'] as const)[(index + at) % 3] ?? 'cim';
      await this.addMember(system, node, 'json', `json-${index}`);
      await this.addMember(system, node, dialect, `${dialect}-${index}`);
    }
  }

  /** A device that is in the group; bound to a user of that name, in the dialects that bind. */
  async addMember(system: SystemName, node: ClusterProcess, dialect: DialectName, name: string): Promise<Device> {
    const bind = { uid: name, channel: 'web', deviceId: name };
    const client = await join(node, dialect, system, bind);
    const joined = await node.admin.join('room', { system, ids: [client.ref], userId: name });
    assert.equal(joined.changed, 1, JSON.stringify(joined));
    const bursts = system === 'default' ? this.#bursts : [];
    return this.#add({
      name: `${system}/${name}`,
      client,
      node,
      streams: [`group-${system}`, `all-${system}`, ...bursts],
    });
  }

  /** On a device that it did not have before, which displaces one of the same channel. */
  async addTraveller(
    system: SystemName,
    node: ClusterProcess,
    dialect: Exclude<DialectName, 'json'>,
    channel: 'web' | 'android',
  ): Promise<Device> {
    this.#travellers += 1;
    const bind = { uid: 'traveller', channel, deviceId: `${channel} ${this.#travellers}` };
    const client = await join(node, dialect, system, bind);
    const bursts = system === 'default' ? this.#bursts.filter((burst) => burst.endsWith('all')) : [];
    const streams = [`user-${system}`, `all-${system}`, ...bursts];
    return this.#add({ name: `${system}/traveller-${channel}`, client, node, streams });
  }

  /** A login on one node ends the one on another. */
  async moveTraveller(system: SystemName, channel: 'web' | 'android', to: ClusterProcess): Promise<void> {
    const older = this.ledger.devices.find(({ name }) => name === `${system}/traveller-${channel}`);
    assert.ok(older);
    this.ledger.leaves(older);
    await this.addTraveller(system, to, 'cim-json', channel);
    await older.client.closed;
  }

  /** Publishes on all streams until a message of each has come everywhere. */
  async underLoad(): Promise<void> {
    this.ledger.start();
    const { devices } = this.ledger;
    await eventually('the load flows', () =>
      devices.every((device) => this.ledger.received(device).size === device.streams.length),
    );
  }

  /** Ends the load; throws where what is published now does not reach everyone it is for, or a promise was broken. */
  async endWell(): Promise<void> {
    await this.ledger.stop();
    await this.ledger.publishLast();
    await this.ledger.whenArrived();
    this.ledger.judge();
  }

  /** Resolves when every list and count, asked of each node that runs, is of the devices that there are and of no other. */
  async whenCounted(patienceMs?: number): Promise<void> {
    const running = this.cluster.nodes.filter(({ isRunning }) => isRunning);
    const wrong = new Set<string>();
    const isRight = async () => {
      const found = await Promise.all(running.map((node) => this.#miscounts(node, running.length)));
      wrong.clear();
      for (const words of found.flat()) wrong.add(words);
      return wrong.size === 0;
    };
    await eventually('all lists and counts are right', isRight, patienceMs).catch((error: Error) => {
      throw new Error(`${error.message}: ${[...wrong].join('; ')}`);
    });
  }

  async #miscounts(node: ClusterProcess, running: number): Promise<string[]> {
    const wrong: string[] = [];
    const { admin } = node;
    const expect = (what: string, is: unknown, should: unknown) => {
      if (JSON.stringify(is) === JSON.stringify(should)) return;
      wrong.push(`${node.id}: ${what}: ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
    };
    try {
      const stats = await admin.stats();
      expect('nodes', stats.nodes.length, running);
      expect('missing nodes', stats.missingNodes, []);
      const { devices } = this.ledger;
      const counted = stats.nodes.reduce((sum, { connections }) => sum + connections, 0);
      expect('connections', counted, devices.length);
      const bound = devices.filter(({ client }) => client.dialect !== 'json');
      const users = new Set(bound.map(({ streams, client }) => `${streams[1]} ${client.bound['uid']}`));
      expect('users', stats.totals.users, users.size);
      for (const system of systems) {
        const here = devices.filter(({ streams }) => streams.includes(`all-${system}`));
        const listed = await admin.connections({ system, limit: 1000 });
        const cids = new Set(listed.items.map(({ cid }) => String(cid)));
        expect(`connections of ${system}`, [listed.total, cids.size], [here.length, here.length]);
        const members = here.filter(({ streams }) => streams.includes(`group-${system}`));
        const inRoom = await admin.members('room', { system, limit: 1000 });
        expect(`members of ${system}`, inRoom.total, members.length);
        const uids = here.map(({ client }) => client.bound['uid'] ?? '').filter((uid) => uid !== '');
        const online = await admin.online([...new Set(uids), 'nobody'], { system });
        const counts = Object.fromEntries(
          Map.groupBy(uids, (uid) => uid)
            .entries()
            .map(([uid, all]) => [uid, all.length]),
        );
        expect(`online in ${system}`, online.users, { ...counts, nobody: 0 });
      }
    } catch (error) {
      wrong.push(`${node.id}: ${(error as Error).message}`);
    }
    return wrong;
  }

  #add(device: Device): Device {
    this.ledger.addDevice(device);
    return device;
  }
}

/** The labels of those who came to (1001) or went from (1002) a group, as one of its members heard it. */
export function noticesTo({ client }: Device, code: 1001 | 1002): readonly string[] {
  return client.messages.flatMap(({ code: found, action, data, content }) => {
    if (Number(found ?? action) !== code) return [];
    const text = typeof content === 'string' ? content : JSON.stringify(data ?? content);
    return [/"userId":"([^"]*)"/.exec(text)?.[1] ?? text];
  });
}

/** All is up but `spare` further nodes, nothing is published yet. */
export async function startScene(
  t: Scope,
  {
    nodes = 3,
    spare = 0,
    bursts = 0,
    ...options
  }: ClusterOptions & { readonly spare?: number; readonly bursts?: number },
): Promise<Scene> {
  const cluster = await startCluster(t, { ...options, nodes: nodes + spare, start: false });
  const scene = new Scene(cluster, nodes, bursts);
  t.after(() => scene.ledger.stop());
  await Promise.all(scene.nodes.map((node) => node.start()));
  await cluster.whenWhole();
  await scene.populate();
  await scene.whenCounted();
  return scene;
}

/** `ok`, `degraded` or `not ready`, with its status. */
export async function readinessOf({ url }: ClusterProcess): Promise<string> {
  const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(8000) });
  return `${response.status} ${await response.text()}`;
}

function join(node: ClusterProcess, dialect: DialectName, system: string, bind: Binding): Promise<WsClient> {
  return node.join(dialect, { ...(system !== 'default' && { system }), bind: { ...bind } });
}
