import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import type { Sink, SinkRecord } from '../../src/egress/sink.ts';
import { eventually } from './eventually.ts';

/** One destination of its own. `t.after` ends what it makes, but for the sink. */
export interface SinkPlace {
  /** Whoever listens there listens when this resolves. It is closed by the suite. */
  open(): Promise<Sink> | Sink;
  /** All that arrived, in the order of its arrival; those of one key at least. `key`: absent where the transport does not carry it. */
  arrived(): Promise<readonly Arrived[]> | readonly Arrived[];
  /** Takes the other side away: what is sent now is refused or lost. */
  goAway(): Promise<void> | void;
  comeBack(): Promise<void> | void;
}

export type Arrived = Pick<SinkRecord, 'id' | 'body'> & { readonly key?: string | undefined };

const patienceMs = 20_000;
const record = (key: string, number: number): SinkRecord => {
  return { key, id: `${key}-${number}-${randomUUID()}`, body: JSON.stringify({ key, number, text: '云雀 "é"' }) };
};
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

/** What every `Sink` guarantees. Each test asks for a place of its own. */
export function testSink(name: string, create: (t: TestContext) => Promise<SinkPlace>): void {
  const openIn = async (t: TestContext) => {
    const place = await create(t);
    const sink = await place.open();
    t.after(() => sink.close());
    return { place, sink };
  };
  const whenArrived = async (place: SinkPlace, sent: readonly SinkRecord[]): Promise<readonly Arrived[]> => {
    let all: readonly Arrived[] = [];
    const ids = new Set(sent.map(({ id }) => id));
    await eventually(
      `${ids.size} records arrived`,
      async () => {
        all = (await place.arrived()).filter(({ id }) => ids.has(id));
        return new Set(all.map(({ id }) => id)).size === ids.size;
      },
      patienceMs,
    );
    return all;
  };

  describe(`Sink ${name}`, () => {
    test('is ready without being asked, and says so', async (t) => {
      const { sink } = await openIn(t);
      let isTold = sink.status.state === 'ready';
      sink.onState(() => {
        isTold ||= sink.status.state === 'ready';
      });
      await eventually('it is ready', () => isTold, patienceMs);
      assert.deepEqual(sink.status, { state: 'ready', failure: undefined });
    });

    test('what is sent before it is connected waits, and arrives as it was given', async (t) => {
      const { place, sink } = await openIn(t);
      const sent = record('u1', 1);
      await sink.send([sent]);
      const [arrived] = await whenArrived(place, [sent]);
      const { key = sent.key, id, body } = arrived ?? {};
      assert.deepEqual({ key, id, body }, sent);
    });

    test('a batch arrives whole, each record once, those of one key in their order', async (t) => {
      const { place, sink } = await openIn(t);
      await sink.send([]);
      const batches = numbers(0, 5).map((batch) =>
        numbers(batch * 40, batch * 40 + 40).flatMap((number) => [record('u1', number), record('u2', number)]),
      );
      for (const batch of batches) await sink.send(batch);
      const arrived = await whenArrived(place, batches.flat());
      assert.equal(arrived.length, batches.flat().length);
      for (const key of ['u1', 'u2']) {
        const of = (all: readonly Arrived[]) => all.filter(({ id }) => id.startsWith(`${key}-`)).map(({ id }) => id);
        assert.deepEqual(of(arrived), of(batches.flat()));
      }
    });

    test('many who send at once are each told of their own', async (t) => {
      const { place, sink } = await openIn(t);
      const sent = numbers(0, 100).map((number) => record(`u${number % 7}`, number));
      await Promise.all(sent.map((one) => sink.send([one])));
      assert.equal((await whenArrived(place, sent)).length, sent.length);
    });

    test('a record of 64 KiB arrives', async (t) => {
      const { place, sink } = await openIn(t);
      const sent = { ...record('u1', 1), body: JSON.stringify({ text: 'x'.repeat(65_500) }) };
      await sink.send([sent]);
      const [arrived] = await whenArrived(place, [sent]);
      assert.equal(arrived?.body, sent.body);
    });

    test('with nobody on the other side `send` rejects with the reason and does not try again; it works again by itself', async (t) => {
      const { place, sink } = await openIn(t);
      const [first, lost, last] = [record('u1', 1), record('u1', 2), record('u1', 3)];
      await sink.send([first]);
      await place.goAway();
      const error = await sink.send([lost]).then(
        () => assert.fail('nobody has taken it'),
        (failure: unknown) => failure,
      );
      assert.ok(error instanceof Error && error.message.length > 3, String(error));
      await place.comeBack();
      await eventually(
        'it is taken',
        () =>
          sink.send([last]).then(
            () => true,
            () => false,
          ),
        patienceMs,
      );
      const arrived = await whenArrived(place, [first, last]);
      assert.equal(arrived.at(-1)?.id, last.id);
      assert.deepEqual(sink.status, { state: 'ready', failure: undefined });
    });

    test('closed, it takes nothing; it may be closed twice', async (t) => {
      const { sink } = await openIn(t);
      await sink.send([record('u1', 1)]);
      await Promise.all([sink.close(), sink.close()]);
      await sink.close();
      assert.equal(sink.status.state, 'closed');
      await assert.rejects(sink.send([record('u1', 2)]), Error);
    });

    test('one that never was connected can be closed', async (t) => {
      const place = await create(t);
      await place.goAway();
      const sink = await place.open();
      await sink.close();
      await place.comeBack();
    });
  });
}
