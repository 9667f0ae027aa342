import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type ClusterProcess, serversFor, startCluster, type TestCluster } from '../support/cluster-process.ts';
import { noticesTo } from '../support/cluster-scene.ts';
import { eventually } from '../support/eventually.ts';
import { Ledger } from '../support/ledger.ts';
import { createRandom } from '../support/random.ts';
import { Roamer } from '../support/roamer.ts';

const clients = 150;
const rooms = 5;
const nodes = 3;
/** Of the users that are published to one by one. */
const watchedUsers = 4;

const since = (from: number) => Math.round(performance.now() - from);

/** Three nodes that clients roam, with publishers on all streams at whichever nodes there are. */
class Rolling {
  readonly cluster: TestCluster;
  readonly ledger = new Ledger();
  readonly roamers: readonly Roamer[];
  readonly #leaving = new Set<ClusterProcess>();
  #turn = 0;

  constructor(cluster: TestCluster) {
    this.cluster = cluster;
    const random = createRandom(7);
    const { ledger } = this;
    const next = () => this.#nextRunning();
    const stream = <T>(to: T) => ({
      to,
      get from() {
        return next();
      },
    });
    ledger.addStream('all', stream({ everyone: true as const }));
    for (let room = 0; room < rooms; room += 1) ledger.addStream(`room-${room}`, stream({ group: `room-${room}` }));
    for (let user = 0; user < watchedUsers; user += 1)
      ledger.addStream(`to-user-${user}`, stream({ user: `user-${user}` }));
    this.roamers = Array.from({ length: clients }, (_, n) => {
      const group = `room-${n % rooms}`;
      // Every second one is bound.
      const user = n % 2 === 0 ? n / 2 : undefined;
      const watched = user !== undefined && user < watchedUsers ? [`to-user-${user}`] : [];
      return new Roamer({
        ...{ name: user === undefined ? `json-${n}` : `user-${user}`, dialect: user === undefined ? 'json' : 'yunque' },
        ...{ group, streams: ['all', group, ...watched], ledger, random, nodes: cluster.nodes, at: n % nodes },
        isLeaving: (node) => this.#leaving.has(node),
      });
    });
  }

  get sessions() {
    return this.roamers.flatMap(({ session }) => (session === undefined ? [] : [session]));
  }

  /** Those that are on the node may end from now on, and nobody's do without it. */
  isLeaving(node: ClusterProcess): void {
    this.#leaving.add(node);
    for (const { sessions } of this.roamers) {
      const last = sessions.at(-1);
      if (last?.node === node) this.ledger.isToLeave(last);
    }
  }

  isBack(node: ClusterProcess): void {
    this.#leaving.delete(node);
  }

  /** Resolves when every client is connected, and every node that runs counts them so. */
  async whenCounted(running: readonly ClusterProcess[]): Promise<void> {
    let wrong: readonly string[] = [];
    const isRight = async () => {
      wrong = (await Promise.all(running.map((node) => this.#miscounts(node)))).flat();
      return wrong.length === 0;
    };
    await eventually('all counts are right', isRight, 15_000).catch((error: Error) => {
      throw new Error(`${error.message}: ${wrong.join('; ')}`);
    });
  }

  async #miscounts({ admin, id }: ClusterProcess): Promise<string[]> {
    const wrong: string[] = [];
    const expect = (what: string, is: number, should: number) => {
      if (is !== should) wrong.push(`${id}: ${what}: ${is}, not ${should}`);
    };
    expect('connected', this.sessions.length, clients);
    const stats = await admin.stats();
    expect(
      'connections',
      stats.nodes.reduce((sum, { connections }) => sum + connections, 0),
      clients,
    );
    expect('users', stats.totals.users, clients / 2);
    expect('missing nodes', stats.missingNodes.length, 0);
    for (let room = 0; room < rooms; room += 1) {
      const { total } = await admin.members(`room-${room}`, { limit: 1 });
      expect(`members of room-${room}`, total ?? -1, clients / rooms);
    }
    return wrong;
  }

  /** Where publishers go, as a balancer sends them. A node that drains would refuse them with 503. */
  #nextRunning(): ClusterProcess {
    const running = this.cluster.nodes.filter((node) => !this.#leaving.has(node));
    this.#turn += 1;
    return running[this.#turn % running.length] as ClusterProcess;
  }
}

/** How often each member that stays on its node heard that another went, and how often that one did. */
function watchNotices({ roamers }: Rolling, node: ClusterProcess) {
  const members = roamers.filter(({ session }) => session !== undefined);
  const staying = members.flatMap(({ group, session }) =>
    session && session.node !== node ? [{ group, session }] : [],
  );
  const before = new Map(staying.map(({ session }) => [session, noticesTo(session, 1002).length]));
  const going = members.filter(({ session }) => session?.node === node);
  return () => {
    for (const { group, session } of staying) {
      const should = going.filter((roamer) => roamer.group === group).map(({ name }) => name);
      const heard = noticesTo(session, 1002).slice(before.get(session));
      assert.deepEqual(heard.toSorted(), should.toSorted(), session.name);
    }
    return going.length;
  };
}

async function restart(t: TestContext, rolling: Rolling, node: ClusterProcess, drainMs?: number): Promise<void> {
  const { cluster, ledger } = rolling;
  const others = cluster.nodes.filter((other) => other !== node);
  const [asked] = others;
  assert.ok(asked);
  const { id } = node;
  const judgeNotices = watchNotices(rolling, node);
  rolling.isLeaving(node);
  const began = performance.now();
  if (drainMs === undefined) node.signal('SIGTERM');
  else await node.admin.stop({ drainMs });
  const states = new Set<string>();
  const ended = node.ended();
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  await eventually(
    'it has ended',
    async () => {
      const stats = await asked.admin.stats();
      states.add(stats.nodes.find((each) => each.node === id)?.state ?? 'none');
      return hasEnded;
    },
    20_000,
  );
  const endedAt = performance.now();
  assert.equal(await ended, 0, node.said);
  assert.ok(states.has('draining'), [...states].join());
  await eventually('nobody names it', async () => {
    const all = await Promise.all(others.map(({ admin }) => admin.stats()));
    return all.every((stats) => stats.nodes.length === others.length && stats.missingNodes.length === 0);
  });
  const noticedMs = since(endedAt);
  assert.ok(noticedMs < 3000, `its lease was released: noticed after ${noticedMs} ms`);
  await rolling.whenCounted(others);
  const went = judgeNotices();
  t.diagnostic(
    `${went} clients sent away, ended after ${Math.round(endedAt - began)} ms, forgotten ${noticedMs} ms later`,
  );
  await node.start();
  rolling.isBack(node);
  await cluster.whenWhole();
  assert.equal(node.id, id);
  await rolling.whenCounted(cluster.nodes);
  // Those that were on their way when it was told to go.
  const otherwise = ledger.refused.filter((words) => words !== 'the node is shutting down');
  assert.deepEqual(otherwise, []);
}

for (const bus of ['redis', 'rpc'] as const) {
  test(`over ${bus}: nodes restarted one after the other lose nothing, tell nothing twice, and are gone at once when they have ended`, async (t) => {
    const set = ['drain.grace=500ms', 'drain.duration=2s'];
    const cluster = await startCluster(t, { ...(await serversFor(t, bus)), bus, nodes, set });
    const rolling = new Rolling(cluster);
    const { ledger, roamers } = rolling;
    t.after(() => Promise.all([ledger.stop(), ...roamers.map((roamer) => roamer.stop())]));
    await Promise.all(roamers.map((roamer) => roamer.start()));
    await rolling.whenCounted(cluster.nodes);
    ledger.start(50);
    await restart(t, rolling, cluster.node(0));
    await restart(t, rolling, cluster.node(1), 2000);
    await restart(t, rolling, cluster.node(2));
    await ledger.stop();
    await ledger.publishLast();
    await ledger.whenArrived();
    ledger.judge();
    ledger.judgeCounts();
    for (const { name, sessions, codes } of roamers) {
      assert.deepEqual(ledger.disorderOver(sessions), [], name);
      assert.deepEqual(
        codes,
        codes.map(() => 4001),
        name,
      );
    }
    const moves = roamers.reduce((sum, { codes }) => sum + codes.length, 0);
    const { acknowledged, doubtful } = ledger;
    t.diagnostic(`${acknowledged} acknowledged, ${doubtful} of them naming a node, ${moves} moves of clients`);
    assert.equal(doubtful, 0, 'a node that goes in order, or starts, is missing from no answer');
  });
}
