import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import type { QueueRecord, Source } from '../../src/ingress/queue/source.ts';
import { eventually } from '../support/eventually.ts';
import { Taker } from '../support/taker.ts';

/** What is put where the source reads. */
export interface Published {
  readonly body: Buffer;
  readonly system?: string;
  readonly idempotencyKey?: string;
}

/** A place of its own to read from (a channel, a stream, a topic, a queue), with nothing in it. */
export interface SourceUnderTest extends AsyncDisposable {
  /** A reader, not started: each call that of another node, all of the same group. The suite closes it. */
  open(): Promise<Source> | Source;
  /** Puts records there, in their order; what keeps an order by key, under one key. Resolves when they are there. */
  publish(records: readonly Published[]): Promise<void>;
  /** What was parked so far, oldest first. */
  parked(): Promise<readonly { readonly body: Buffer; readonly reason: string }[]>;
}

export interface SourceTraits {
  /** What was not acknowledged comes again, and what is published before anybody reads waits; else at most once, and every reader gets everything. */
  readonly isAtLeastOnce: boolean;
  /** Records have ids, and carry a system and an idempotency key beside the body. */
  readonly hasHeaders: boolean;
  /** `figures.redelivered` counts what comes again to a reader that has not had it. */
  readonly countsRedelivered?: boolean;
  /** For engines that take long to join their readers, in milliseconds. Default 8000. */
  readonly patienceMs?: number;
}

/** What every `Source` guarantees. `create` makes a fresh place. */
export function testSource(name: string, traits: SourceTraits, create: () => Promise<SourceUnderTest>): void {
  const patience = traits.patienceMs ?? 8000;
  const until = (what: string, ask: () => Promise<boolean> | boolean) => eventually(what, ask, patience);

  async function reading(place: SourceUnderTest, taker: Taker): Promise<Source & AsyncDisposable> {
    const source = await place.open();
    source.start(taker.take);
    await until('the source reads', () => source.status.state === 'reading');
    return Object.assign(source, { [Symbol.asyncDispose]: () => source.close() });
  }

  describe(`Source ${name}`, () => {
    test('gives every record once, whole and in order, a batch at a time', async () => {
      await using place = await create();
      const taker = new Taker();
      await using source = await reading(place, taker);
      assert.equal(source.status.failure, undefined);
      const held = taker.hold();
      await place.publish([text('first')]);
      await until('the first batch is under way', () => taker.underWay === 1);
      const more = numbered(300);
      await place.publish(more);
      held.resolve();
      await until('all are taken', () => taker.records.length === 301);
      assert.deepEqual(
        taker.records.map(({ body }) => body.toString()),
        ['first', ...more.map(({ body }) => body.toString())],
      );
      assert.equal(taker.mostUnderWay, 1, 'one batch at a time');
      assert.ok(taker.batches.length < 301, 'records that have come by then are one batch');
      await until('nothing waits any more', () => (source.status.lag ?? 0) === 0);
    });

    test('gives bodies byte for byte, with what stands beside them', async () => {
      await using place = await create();
      const taker = new Taker();
      await using _source = await reading(place, taker);
      const bodies = [
        Buffer.from(Array.from({ length: 256 }, (_, at) => at)),
        randomBytes(900 * 1024),
        Buffer.alloc(1),
      ];
      await place.publish(bodies.map((body) => ({ body })));
      await until('the bodies are taken', () => taker.records.length === bodies.length);
      for (const [at, body] of bodies.entries()) assert.ok(taker.records[at]?.body.equals(body), `body ${at}`);
      if (!traits.hasHeaders) return;
      await place.publish([{ ...text('a'), system: 'shop', idempotencyKey: 'k1' }, text('b')]);
      await until('those with headers are taken', () => taker.records.length === bodies.length + 2);
      const [marked, plain] = taker.records.slice(-2) as [QueueRecord, QueueRecord];
      assert.deepEqual({ ...marked.headers }, { system: 'shop', idempotencyKey: 'k1' });
      assert.equal(plain.headers?.system, undefined);
      assert.equal(plain.headers?.idempotencyKey, undefined);
    });

    test('gives a batch that was rejected again, the same and before all others', async () => {
      await using place = await create();
      const taker = new Taker();
      await using source = await reading(place, taker);
      const held = taker.hold();
      taker.rejectNext(3);
      await place.publish(numbered(5));
      await until('a batch is under way', () => taker.underWay === 1);
      await place.publish([text('later')]);
      held.resolve();
      await until('all are taken', () => taker.taken.includes('later'));
      assert.deepEqual(taker.taken, ['0', '1', '2', '3', '4', 'later']);
      const rejected = taker.rejected.map((batch) => batch.map(({ body }) => body.toString()));
      assert.equal(rejected.length, 3);
      for (const batch of rejected) assert.deepEqual(batch, rejected[0]);
      assert.equal(source.status.state, 'reading');
    });

    test('parks poison with its reason, and goes on with the rest', async () => {
      await using place = await create();
      const taker = new Taker((record) =>
        record.body.toString().startsWith('bad') ? { is: 'poison', reason: 'msg: is missing' } : { is: 'done' },
      );
      await using source = await reading(place, taker);
      await place.publish([text('a'), text('bad one'), text('b'), text('bad two'), text('c')]);
      await until('both are parked', async () => (await place.parked()).length >= 2);
      assert.deepEqual(
        (await place.parked()).map(({ body, reason }) => ({ body: body.toString(), reason })),
        [
          { body: 'bad one', reason: 'msg: is missing' },
          { body: 'bad two', reason: 'msg: is missing' },
        ],
      );
      await place.publish([text('d')]);
      await until('it goes on', () => taker.taken.includes('d'));
      assert.deepEqual(taker.taken, ['a', 'bad one', 'b', 'bad two', 'c', 'd']);
      await until('nothing waits any more', () => (source.status.lag ?? 0) === 0);
      assert.equal(source.status.figures['unparked'] ?? 0, 0);
      if (!traits.isAtLeastOnce) return;
      await source.close();
      const next = new Taker();
      await using _other = await reading(place, next);
      await place.publish([text('e')]);
      await until('the next reader has what is new', () => next.taken.includes('e'));
      assert.deepEqual(next.taken, ['e'], 'what was taken and what was parked are acknowledged');
    });

    test('lets the batch under way end when it is closed, and takes nothing after it', async () => {
      await using place = await create();
      const taker = new Taker();
      const source = await reading(place, taker);
      const held = taker.hold();
      await place.publish([text('a')]);
      await until('a batch is under way', () => taker.underWay === 1);
      const closing = Promise.all([source.close(), source.close()]);
      held.resolve();
      await closing;
      assert.equal(taker.underWay, 0);
      assert.equal(source.status.state, 'closed');
      await place.publish([text('b')]);
      if (traits.isAtLeastOnce) {
        const next = new Taker();
        await using _other = await reading(place, next);
        await until('the next reader has what came later', () => next.taken.includes('b'));
        assert.deepEqual(next.taken, ['b'], 'the batch was acknowledged');
      }
      assert.deepEqual(taker.taken, ['a']);
    });

    test('does not wait for ever for a batch under way when it is closed', async () => {
      await using place = await create();
      const taker = new Taker();
      const source = await reading(place, taker);
      taker.hold();
      await place.publish(numbered(3));
      await until('a batch is under way', () => taker.underWay === 1);
      const startedAt = performance.now();
      await source.close();
      assert.ok(performance.now() - startedAt < 6000, 'close gives up after 2 s');
      if (!traits.isAtLeastOnce) return;
      const next = new Taker();
      await using other = await reading(place, next);
      await until('the next reader has what was not acknowledged', () => next.taken.length >= 3);
      assert.deepEqual(next.taken, ['0', '1', '2']);
      if (traits.hasHeaders) for (const { id } of next.records) assert.notEqual(id, undefined);
      if (traits.countsRedelivered === true) assert.ok((other.status.figures['redelivered'] ?? 0) >= 1);
    });

    if (traits.isAtLeastOnce) {
      test('keeps what is published while nobody reads', async () => {
        await using place = await create();
        const first = new Taker();
        await (await reading(place, first)).close();
        await place.publish(numbered(20));
        const taker = new Taker();
        await using _source = await reading(place, taker);
        await until('all are taken', () => taker.taken.length >= 20);
        assert.deepEqual(
          taker.taken,
          numbered(20).map(({ body }) => body.toString()),
        );
        assert.deepEqual(first.taken, []);
      });

      test('gives each record to one of two readers, and all of them to the one that is left', async () => {
        await using place = await create();
        const [a, b] = [new Taker(), new Taker()];
        const one = await reading(place, a);
        const two = await place.open();
        await using _two = { [Symbol.asyncDispose]: () => two.close() };
        two.start(b.take);
        await until('the other reads or waits', () => ['reading', 'standby'].includes(two.status.state));
        await place.publish(numbered(50));
        await until('all are taken', () => a.taken.length + b.taken.length >= 50);
        assert.equal(new Set([...a.taken, ...b.taken]).size, 50);
        await one.close();
        await place.publish([text('after')]);
        await until('the one that is left reads', () => b.taken.includes('after'));
        assert.equal(a.taken.length + b.taken.length, 51, 'none is taken twice');
      });
    }
  });
}

function text(body: string): Published {
  return { body: Buffer.from(body) };
}

function numbered(count: number): Published[] {
  return Array.from({ length: count }, (_, at) => text(String(at)));
}
