import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Bus } from '../../src/bus/bus.ts';
import { eventually } from '../support/eventually.ts';

/** Buses that meet each other and nobody else. */
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
  const once = (member: Member) =>
    member.bus.guarantees.delivery === 'at-least-once' ? [...new Set(member.heard)] : member.heard;

  describe(`Bus ${name}`, () => {
    test('gives a message to every node, the sender included', async () => {
      await using cluster = await create();
      const members = [await start(cluster), await start(cluster), await start(cluster)];
      await members[1]?.bus.broadcast(Buffer.from('hello'));
      for (const member of members) {
        await eventually('it has arrived', () => member.heard.length > 0);
        assert.deepEqual(once(member), ['hello']);
      }
      for (const { bus } of members) await bus.close();
    });

    test('gives messages whole, byte for byte, empty and large ones', async () => {
      await using cluster = await create();
      const bus = await cluster.join();
      const heard: Buffer[] = [];
      await bus.start((bytes) => heard.push(Buffer.from(bytes)));
      const all = [Buffer.alloc(0), Buffer.from(Array.from({ length: 256 }, (_, n) => n)), Buffer.alloc(300_000, 7)];
      for (const bytes of all) await bus.broadcast(bytes);
      await eventually('they have arrived', () => heard.length >= all.length);
      for (const [at, bytes] of all.entries()) assert.ok(heard[at]?.equals(bytes), `message ${at}`);
      await bus.close();
    });

    test('keeps the order of one sender where it says so', async () => {
      await using cluster = await create();
      const [sender, receiver] = [await start(cluster), await start(cluster)];
      const sent = Array.from({ length: 200 }, (_, n) => String(n));
      for (const text of sent) await sender.bus.broadcast(Buffer.from(text));
      await eventually('they have arrived', () => once(receiver).length === sent.length);
      const heard = once(receiver);
      assert.deepEqual(sender.bus.guarantees.ordered ? heard : heard.toSorted((a, b) => Number(a) - Number(b)), sent);
      for (const { bus } of [sender, receiver]) await bus.close();
    });

    test('gives nothing to a node that has not started or has closed, and goes on without it', async () => {
      await using cluster = await create();
      const [stays, goes] = [await start(cluster), await start(cluster)];
      const idle = await cluster.join();
      await goes.bus.close();
      await stays.bus.broadcast(Buffer.from('later'));
      await eventually('it has arrived', () => stays.heard.length > 0);
      assert.deepEqual(goes.heard, []);
      await idle.close();
      await stays.bus.close();
    });

    test('rejects a message it has not taken: before start and after close', async () => {
      await using cluster = await create();
      const bus = await cluster.join();
      await assert.rejects(bus.broadcast(Buffer.from('early')));
      await bus.start(() => {});
      await bus.close();
      await assert.rejects(bus.broadcast(Buffer.from('late')));
    });

    test('may be closed twice', async () => {
      await using cluster = await create();
      const { bus } = await start(cluster);
      await bus.close();
      await bus.close();
    });

    test('of another cluster hears nothing', async () => {
      await using cluster = await create();
      await using other = await create();
      const [here, there] = [await start(cluster), await start(other)];
      await here.bus.broadcast(Buffer.from('ours'));
      await there.bus.broadcast(Buffer.from('theirs'));
      await eventually('both have arrived', () => here.heard.length > 0 && there.heard.length > 0);
      assert.deepEqual([once(here), once(there)], [['ours'], ['theirs']]);
      for (const { bus } of [here, there]) await bus.close();
    });
  });
}
