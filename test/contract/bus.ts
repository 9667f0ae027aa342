import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Bus } from '../../src/bus/bus.ts';
import { eventually } from '../support/eventually.ts';

/** Buses that hear each other and nobody else. Disposing closes what is left of them. */
export interface BusCluster extends AsyncDisposable {
  /** Another bus of the same cluster, not started. */
  join(): Promise<Bus>;
}

interface Member {
  readonly bus: Bus;
  readonly heard: string[];
}

/** What every `Bus` guarantees; an engine that may lose or repeat says so in `guarantees`, and is held to what it says. */
export function testBus(name: string, create: () => Promise<BusCluster>): void {
  const start = async (cluster: BusCluster): Promise<Member> => {
    const bus = await cluster.join();
    const heard: string[] = [];
    await bus.start((bytes) => heard.push(bytes.toString()));
    return { bus, heard };
  };
  /** One after the other: a bus hears what is broadcast once its own start has resolved. */
  const startAll = async (cluster: BusCluster, count: number): Promise<Member[]> => {
    const members: Member[] = [];
    while (members.length < count) members.push(await start(cluster));
    return members;
  };
  const closeAll = (members: readonly Member[]) => Promise.all(members.map(({ bus }) => bus.close()));
  const once = (member: Member) =>
    member.bus.guarantees.delivery === 'at-least-once' ? [...new Set(member.heard)] : member.heard;

  describe(`Bus ${name}`, () => {
    for (const count of [1, 2, 3]) {
      test(`gives what each of ${count} nodes says to all of them, the sender included`, async () => {
        await using cluster = await create();
        const members = await startAll(cluster, count);
        const said = members.map((_, at) => `node ${at} speaks`);
        for (const [at, { bus }] of members.entries()) await bus.broadcast(Buffer.from(`node ${at} speaks`));
        for (const member of members) {
          await eventually('all has arrived', () => once(member).length >= count);
          assert.deepEqual(once(member).toSorted(), said);
        }
        await closeAll(members);
      });
    }

    test('gives messages whole, byte for byte: empty, every byte, a megabyte', async () => {
      await using cluster = await create();
      const sender = await cluster.join();
      const receiver = await cluster.join();
      const heard: Buffer[] = [];
      await sender.start(() => {});
      await receiver.start((bytes) => heard.push(bytes));
      const everyByte = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
      const large = Buffer.alloc(1024 * 1024, everyByte);
      // A view into a larger buffer: what lies around it is not sent.
      const all = [Buffer.alloc(0), everyByte, large, everyByte.subarray(200, 210), Buffer.from('the last')];
      for (const bytes of all) await sender.broadcast(bytes);
      await eventually('the last has arrived', () => heard.some((bytes) => bytes.toString() === 'the last'));
      const different = heard.filter((bytes, at) => !heard.slice(0, at).some((earlier) => earlier.equals(bytes)));
      assert.equal(different.length, all.length);
      for (const bytes of all) {
        assert.ok(
          different.some((got) => got.equals(bytes)),
          `a message of ${bytes.length} bytes`,
        );
      }
      await Promise.all([sender.close(), receiver.close()]);
    });

    for (const awaits of [true, false]) {
      test(`keeps the order of one sender that ${awaits ? 'waits for each' : 'waits for none'}`, async () => {
        await using cluster = await create();
        const members = await startAll(cluster, 2);
        const [sender, receiver] = members as [Member, Member];
        const sent = Array.from({ length: awaits ? 200 : 1000 }, (_, n) => String(n));
        const taken: Promise<void>[] = [];
        for (const text of sent) {
          const broadcast = sender.bus.broadcast(Buffer.from(text));
          if (awaits) await broadcast;
          taken.push(broadcast);
        }
        await Promise.all(taken);
        for (const member of [sender, receiver]) {
          await eventually('they have arrived', () => once(member).length >= sent.length);
          const heard = once(member);
          const { ordered } = member.bus.guarantees;
          assert.deepEqual(ordered ? heard : heard.toSorted((a, b) => Number(a) - Number(b)), sent);
        }
        await closeAll(members);
      });
    }

    test('gives nothing within the call that broadcasts', async () => {
      await using cluster = await create();
      const member = await start(cluster);
      const taken = member.bus.broadcast(Buffer.from('hello'));
      assert.deepEqual(member.heard, []);
      await taken;
      await eventually('it has arrived', () => member.heard.length > 0);
      await member.bus.close();
    });

    test('gives nothing to a node that has not started, nothing said before its start, and nothing after its close', async () => {
      await using cluster = await create();
      const [stays, goes] = (await startAll(cluster, 2)) as [Member, Member];
      const comes = { bus: await cluster.join(), heard: [] as string[] };
      await goes.bus.close();
      await stays.bus.broadcast(Buffer.from('before'));
      await eventually('it has arrived', () => stays.heard.length > 0);
      await comes.bus.start((bytes) => comes.heard.push(bytes.toString()));
      await stays.bus.broadcast(Buffer.from('after'));
      await eventually('it has arrived', () => comes.heard.length > 0);
      assert.deepEqual([goes.heard, once(comes)], [[], ['after']]);
      await closeAll([stays, comes]);
    });

    test('rejects a message it has not taken: before start and after close', async () => {
      await using cluster = await create();
      const bus = await cluster.join();
      await assert.rejects(bus.broadcast(Buffer.from('early')));
      await bus.start(() => {});
      await bus.close();
      await assert.rejects(bus.broadcast(Buffer.from('late')));
    });

    test('says whether it works, and tells when that changes', async () => {
      await using cluster = await create();
      const bus = await cluster.join();
      const changes: boolean[] = [];
      bus.onState((failure) => changes.push(failure === undefined));
      const unheard: unknown[] = [];
      bus.onState((failure) => unheard.push(failure))();
      assert.notEqual(bus.failure, undefined);
      await bus.start(() => {});
      assert.equal(bus.failure, undefined);
      await bus.close();
      assert.notEqual(bus.failure, undefined);
      assert.deepEqual([changes.filter(Boolean), changes.at(-1), unheard], [[true], false, []]);
    });

    test('is started once, and may be closed twice, unstarted too', async () => {
      await using cluster = await create();
      const { bus } = await start(cluster);
      await assert.rejects(bus.start(() => {}));
      await bus.close();
      await bus.close();
      await assert.rejects(bus.start(() => {}));
      const idle = await cluster.join();
      await idle.close();
      await idle.close();
    });

    test('of another cluster hears nothing', async () => {
      await using cluster = await create();
      await using other = await create();
      const [here, there] = [await start(cluster), await start(other)];
      await here.bus.broadcast(Buffer.from('ours'));
      await there.bus.broadcast(Buffer.from('theirs'));
      await eventually('both have arrived', () => here.heard.length > 0 && there.heard.length > 0);
      assert.deepEqual([once(here), once(there)], [['ours'], ['theirs']]);
      await closeAll([here, there]);
    });
  });
}
