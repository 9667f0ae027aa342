import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Connection } from '../../src/registry/connection.ts';
import { frame, opcodes } from '../../src/wire/frame.ts';
import { eventually } from '../support/eventually.ts';

export interface ConnectionUnderTest extends AsyncDisposable {
  readonly connection: Connection;
  /** Payloads the peer has read so far. */
  readonly received: () => readonly string[];
  /** The peer reads no more until `resume`. */
  readonly stall: () => void;
  readonly resume: () => void;
  /** How the end was told to the peer; undefined while it was not. */
  readonly closed: () => { readonly code: number; readonly reason: string } | undefined;
}

/** What every `Connection` guarantees. `create` makes one that may hold `maxQueueBytes` for a peer that does not read. */
export function testConnection(name: string, create: (maxQueueBytes: number) => Promise<ConnectionUnderTest>): void {
  const text = (content: string) => frame(Buffer.from(content), opcodes.text);
  const names = Array.from({ length: 20 }, (_, n) => `message ${n}`);

  describe(`Connection ${name}`, () => {
    test('gives the peer whole frames in the order they were written', async () => {
      await using one = await create(1024 * 1024);
      for (const content of names) assert.equal(one.connection.write(text(content)), undefined);
      await eventually('all have arrived', () => one.received().length === names.length);
      assert.deepEqual(one.received(), names);
      assert.deepEqual([one.connection.delivered, one.connection.dropped], [names.length, 0]);
    });

    test('begins open and unbound, with a cid that is a positive integer below 2^53', async () => {
      await using one = await create(1024);
      assert.equal(one.connection.isOpen, true);
      assert.ok(Number.isSafeInteger(one.connection.cid) && one.connection.cid > 0);
      assert.equal(one.connection.identity, undefined);
      assert.equal(one.connection.queueBytes, 0);
      assert.ok(one.connection.idleMs >= 0);
      assert.ok(one.connection.connectedAt <= Date.now());
    });

    test('does not change a frame, which others share', async () => {
      await using one = await create(1024);
      const shared = text('shared');
      const before = Buffer.from(shared);
      one.connection.write(shared);
      await eventually('it has arrived', () => one.received().length === 1);
      assert.deepEqual(shared, before);
    });

    test('holds no more than it may for a peer that does not read, drops the rest, and closes as a slow consumer', async () => {
      await using one = await create(256 * 1024);
      one.stall();
      const big = frame(Buffer.alloc(64 * 1024, 'x'), opcodes.text);
      let taken = 0;
      while (one.connection.write(big) === undefined) {
        taken += 1;
        assert.ok(one.connection.queueBytes <= 256 * 1024, `${one.connection.queueBytes} bytes wait`);
        assert.ok(taken < 4000, 'there is an end to it');
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal(one.connection.isOpen, false);
      assert.deepEqual([one.connection.delivered, one.connection.dropped], [taken, 1]);
      one.resume();
      await eventually('the end was told', () => one.closed() !== undefined);
      assert.equal(one.closed()?.code, 4008);
      assert.equal(one.received().length, taken, 'what was taken before that arrived');
    });

    test('takes a frame larger than it may hold when nothing waits', async () => {
      await using one = await create(1024);
      assert.equal(one.connection.write(text('x'.repeat(5000))), undefined);
      await eventually('it has arrived', () => one.received().length === 1);
    });

    test('drops every write after close, and neither throws nor closes twice', async () => {
      await using one = await create(1024);
      one.connection.write(text('before'));
      one.connection.close('kicked', 'because');
      assert.equal(one.connection.isOpen, false);
      assert.equal(one.connection.write(text('after')), 'closing');
      one.connection.close('internal');
      await eventually('the end was told', () => one.closed() !== undefined);
      assert.deepEqual(one.closed(), { code: 4503, reason: 'because' });
      assert.deepEqual(one.received(), ['before']);
      assert.equal(one.connection.dropped, 1);
    });

    test('says the error’s own message where no reason is given', async () => {
      await using one = await create(1024);
      one.connection.close('going_away');
      await eventually('the end was told', () => one.closed() !== undefined);
      assert.deepEqual(one.closed(), { code: 4001, reason: 'the node is shutting down' });
    });
  });
}
