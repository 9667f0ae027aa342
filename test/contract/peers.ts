import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allPeers, type PeerNode, type Peers } from '../../src/bus/peers.ts';
import { eventually } from '../support/eventually.ts';

/** Peers that meet each other and nobody else. Disposing ends all of them. */
export interface PeerCluster extends AsyncDisposable {
  /** Another node of the cluster, not started. The same id again is a new incarnation of that node. */
  join(id: string): Promise<Peers>;
  /** Ends a node without a goodbye, as a killed process. */
  crash(peers: Peers): Promise<void>;
}

interface Member {
  readonly peers: Peers;
  /** Everything that was reported, in order: `+b`, `-b`, `b tells x`, `b asks x`. */
  readonly log: string[];
}

/** Answers `ID hears QUESTION`; never answers `silence`, and fails over `fail`. */
async function start(cluster: PeerCluster, id: string): Promise<Member> {
  const peers = await cluster.join(id);
  const log: string[] = [];
  await peers.start({
    onJoin: (node) => log.push(`+${node.id}`),
    onLeave: (node) => log.push(`-${node.id}`),
    onTell: (from, bytes) => log.push(`${from.id} tells ${bytes}`),
    onAsk: async (from, bytes) => {
      log.push(`${from.id} asks ${bytes}`);
      if (String(bytes) === 'silence') await new Promise(() => {});
      if (String(bytes) === 'fail') throw new Error('as asked for');
      return Buffer.from(`${id} hears ${bytes}`);
    },
  });
  return { peers, log };
}

const ids = (nodes: readonly PeerNode[]) => nodes.map(({ id }) => id).toSorted();
const text = (answers: ReadonlyMap<string, Buffer>) =>
  Object.fromEntries([...answers].map(([id, bytes]) => [id, String(bytes)]));
const long = { deadlineMs: 60_000 };

async function startAll(cluster: PeerCluster, ...names: string[]): Promise<Member[]> {
  const members: Member[] = [];
  for (const name of names) members.push(await start(cluster, name));
  for (const { peers } of members) {
    await eventually('all have joined', () => peers.nodes.length === names.length - 1);
  }
  return members;
}

const member = (members: readonly Member[], at: number): Member => {
  const found = members[at];
  assert.ok(found !== undefined);
  return found;
};

/** What every `Peers` guarantees. `create` makes an empty cluster. */
export function testPeers(name: string, create: () => Promise<PeerCluster>): void {
  describe(`Peers ${name}`, () => {
    test('know each other by id and incarnation, and not themselves', async () => {
      await using cluster = await create();
      const members = await startAll(cluster, 'a', 'b', 'c');
      for (const { peers, log } of members) {
        const others = ['a', 'b', 'c'].filter((id) => id !== peers.self.id);
        assert.deepEqual(ids(peers.nodes), others);
        assert.deepEqual(
          log.toSorted(),
          others.map((id) => `+${id}`),
        );
      }
      const [a, b] = [member(members, 0).peers, member(members, 1).peers];
      assert.equal(b.nodes.find(({ id }) => id === 'a')?.incarnation, a.self.incarnation);
    });

    test('know all that are alive once `start` has resolved', async () => {
      await using cluster = await create();
      await startAll(cluster, 'a', 'b');
      const { peers } = await start(cluster, 'c');
      assert.deepEqual(ids(peers.nodes), ['a', 'b']);
    });

    test('tell one node or all others, never themselves', async () => {
      await using cluster = await create();
      const members = await startAll(cluster, 'a', 'b', 'c');
      const [a, b, c] = [member(members, 0), member(members, 1), member(members, 2)];
      a.peers.tell('b', Buffer.from('one'));
      a.peers.tell('a', Buffer.from('myself'));
      a.peers.tell(allPeers, Buffer.from('all'));
      await eventually('all has arrived', () => [b, c].every(({ log }) => log.includes('a tells all')));
      assert.deepEqual(
        [a, b, c].map(({ log }) => log.filter((line) => line.includes('tells'))),
        [[], ['a tells one', 'a tells all'], ['a tells all']],
      );
    });

    test('give a message whole, byte for byte, empty and large ones', async () => {
      await using cluster = await create();
      const [sender, receiver] = [await cluster.join('a'), await cluster.join('b')];
      const heard: Buffer[] = [];
      const quiet = {
        onJoin: () => {},
        onLeave: () => {},
        onTell: () => {},
        onAsk: async (_: PeerNode, b: Buffer) => b,
      };
      await sender.start(quiet);
      await receiver.start({ ...quiet, onTell: (_, bytes) => heard.push(bytes) });
      const all = [Buffer.alloc(0), Buffer.from(Array.from({ length: 256 }, (_, n) => n)), Buffer.alloc(5_000_000, 7)];
      await eventually('they have joined', () => sender.nodes.length === 1);
      for (const bytes of all) sender.tell('b', bytes);
      await eventually('they have arrived', () => heard.length >= all.length);
      for (const [at, bytes] of all.entries()) {
        assert.ok(heard[at]?.equals(bytes), `message ${at}`);
        const { answers } = await sender.ask(['b'], bytes, long);
        assert.ok(answers.get('b')?.equals(bytes), `answer ${at}`);
      }
    });

    test('keep the order of tells and asks together, from each node, and never in the turn of the call', async () => {
      await using cluster = await create();
      const members = await startAll(cluster, 'a', 'b', 'c');
      const [a, b, c] = [member(members, 0), member(members, 1), member(members, 2)];
      const questions: Promise<unknown>[] = [];
      const expected: string[] = [];
      for (let n = 0; n < 300; n += 1) {
        for (const { peers } of [a, c]) {
          if (n % 3 === 0) questions.push(peers.ask(['b'], Buffer.from(String(n)), long));
          else peers.tell(n % 3 === 1 ? 'b' : allPeers, Buffer.from(String(n)));
        }
        expected.push(n % 3 === 0 ? `asks ${n}` : `tells ${n}`);
      }
      assert.deepEqual(b.log.toSorted(), ['+a', '+c']);
      await Promise.all(questions);
      for (const id of ['a', 'c']) {
        const last = `${id} ${expected.at(-1)}`;
        await eventually('the last has arrived', () => b.log.includes(last));
        const heard = b.log.filter((line) => line.startsWith(`${id} `));
        assert.deepEqual(
          heard,
          expected.map((line) => `${id} ${line}`),
        );
      }
    });

    test('ask some or all, each once, and get the answers by node', async () => {
      await using cluster = await create();
      const members = await startAll(cluster, 'a', 'b', 'c');
      const [a, b] = [member(members, 0), member(members, 1)];
      const everyone = await a.peers.ask(allPeers, Buffer.from('x'), long);
      assert.deepEqual(text(everyone.answers), { b: 'b hears x', c: 'c hears x' });
      assert.deepEqual(everyone.missing, []);
      const some = await a.peers.ask(['b', 'b', 'nobody', 'a'], Buffer.from('y'), long);
      assert.deepEqual(text(some.answers), { b: 'b hears y' });
      assert.deepEqual(some.missing.toSorted(), ['a', 'nobody']);
      assert.deepEqual(
        b.log.filter((line) => line.endsWith('y')),
        ['a asks y'],
      );
      const nobody = await a.peers.ask([], Buffer.from('z'), long);
      assert.deepEqual([nobody.answers.size, nobody.missing], [0, []]);
    });

    test('name a node that is silent until the deadline or fails, and keep the answers of the others', async () => {
      await using cluster = await create();
      const members = await startAll(cluster, 'a', 'b');
      const quiet = await cluster.join('c');
      await quiet.start({
        onJoin: () => {},
        onLeave: () => {},
        onTell: () => {},
        onAsk: async () => Buffer.from('always'),
      });
      const { peers } = member(members, 0);
      await eventually('it has joined', () => peers.nodes.length === 2);
      for (const question of ['silence', 'fail']) {
        const deadlineMs = question === 'fail' ? 60_000 : 100;
        const { answers, missing } = await peers.ask(allPeers, Buffer.from(question), { deadlineMs });
        assert.deepEqual([text(answers), missing], [{ c: 'always' }, ['b']], question);
      }
      const after = await peers.ask(['b'], Buffer.from('again'), long);
      assert.deepEqual(text(after.answers), { b: 'b hears again' });
    });

    test('ask each other at the same moment without waiting for each other', async () => {
      await using cluster = await create();
      const [one, other] = [await cluster.join('a'), await cluster.join('b')];
      for (const [peers, to] of [
        [one, 'b'],
        [other, 'a'],
      ] as const) {
        await peers.start({
          onJoin: () => {},
          onLeave: () => {},
          onTell: () => {},
          onAsk: async (_, bytes) => {
            if (bytes.length > 3) return bytes;
            const { answers } = await peers.ask([to], Buffer.concat([bytes, Buffer.from('.')]), long);
            return answers.get(to) ?? Buffer.from('missing');
          },
        });
      }
      await eventually('they have joined', () => one.nodes.length + other.nodes.length === 2);
      const asked = await Promise.all([one.ask(['b'], Buffer.alloc(0), long), other.ask(['a'], Buffer.alloc(0), long)]);
      assert.deepEqual(
        asked.map(({ answers }) => text(answers)),
        [{ b: '....' }, { a: '....' }],
      );
    });

    for (const way of ['close', 'crash'] as const) {
      test(`report the end of a node once (${way}), hear nothing of it afterwards, and go on`, async () => {
        await using cluster = await create();
        const members = await startAll(cluster, 'a', 'b', 'c');
        const [a, b, c] = [member(members, 0), member(members, 1), member(members, 2)];
        const hanging = a.peers.ask(allPeers, Buffer.from('silence'), long);
        await eventually('they were asked', () => [b, c].every(({ log }) => log.includes('a asks silence')));
        for (const { peers } of [b, c]) {
          if (way === 'close') await peers.close();
          else await cluster.crash(peers);
        }
        const { answers, missing } = await hanging;
        assert.deepEqual([answers.size, missing.toSorted()], [0, ['b', 'c']]);
        await eventually('both are gone', () => a.peers.nodes.length === 0);
        assert.deepEqual(a.log.filter((line) => line.startsWith('-')).toSorted(), ['-b', '-c']);
        const heard = a.log.length;
        b.peers.tell('a', Buffer.from('from the grave'));
        const late = await b.peers.ask(['a'], Buffer.from('from the grave'), long);
        assert.deepEqual([late.answers.size, late.missing], [0, ['a']]);
        a.peers.tell('b', Buffer.from('x'));
        a.peers.tell(allPeers, Buffer.from('x'));
        assert.deepEqual((await a.peers.ask(['b'], Buffer.from('x'), long)).missing, ['b']);
        const again = await start(cluster, 'b');
        await eventually('it is back', () => a.peers.nodes.length === 1);
        assert.ok((a.peers.nodes[0]?.incarnation ?? 0) > b.peers.self.incarnation);
        again.peers.tell('a', Buffer.from('hello'));
        await eventually('it is heard', () => a.log.includes('b tells hello'));
        assert.deepEqual(a.log.slice(heard), ['+b', 'b tells hello']);
        assert.equal(
          again.log.some((line) => line.endsWith('x')),
          false,
        );
      });
    }

    test('report the leave of the old incarnation before the join of the new one', async () => {
      await using cluster = await create();
      const members = await startAll(cluster, 'a', 'b');
      const a = member(members, 0);
      await cluster.crash(member(members, 1).peers);
      const again = await start(cluster, 'b');
      await eventually('the new one is known', () => a.peers.nodes[0]?.incarnation === again.peers.self.incarnation);
      assert.deepEqual(a.log, ['+b', '-b', '+b']);
    });

    test('reach nobody before they start and after they close, without an error; close twice', async () => {
      await using cluster = await create();
      const { log } = await start(cluster, 'a');
      const peers = await cluster.join('b');
      peers.tell(allPeers, Buffer.from('early'));
      assert.deepEqual((await peers.ask(['a'], Buffer.from('early'), long)).missing, ['a']);
      await peers.close();
      await peers.close();
      assert.deepEqual((await peers.ask(['a'], Buffer.from('late'), long)).missing, ['a']);
      assert.deepEqual(
        log.filter((line) => line.includes('early') || line.includes('late')),
        [],
      );
    });

    test('of another cluster hear nothing', async () => {
      await using cluster = await create();
      await using other = await create();
      const [here, there] = [await start(cluster, 'a'), await start(other, 'b')];
      here.peers.tell(allPeers, Buffer.from('ours'));
      here.peers.tell('b', Buffer.from('ours'));
      assert.deepEqual([here.peers.nodes, there.peers.nodes, there.log], [[], [], []]);
    });
  });
}
