import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { type ClientWritableStream, Metadata, status } from '@grpc/grpc-js';
import type { Command, Execute } from '../../../../src/api/command.ts';
import { YunqueError } from '../../../../src/api/errors.ts';
import { metadataOf, openGrpcDoor, type PushClient, type Refused, type Row } from '../../../support/grpc-door.ts';

const toUser = (uid: string, more: Row = {}): Row => ({
  target: { users: { uids: [uid] } },
  push: { msg: 'm' },
  ...more,
});

interface Stream {
  readonly call: ClientWritableStream<Row>;
  readonly answer: Promise<Row>;
}

function openStream(client: PushClient, metadata = new Metadata(), deadlineMs = 20_000): Stream {
  const { promise, resolve, reject } = Promise.withResolvers<Row>();
  const open = client.raw['SendStream'] as unknown as (...args: unknown[]) => ClientWritableStream<Row>;
  const options = { deadline: Date.now() + deadlineMs };
  const call = open.call(client.raw, metadata, options, (error: Error | null, answer: Row) => {
    if (error) reject(error);
    else resolve(answer);
  });
  call.on('error', () => {});
  promise.catch(() => {});
  return { call, answer: promise };
}

const counts = ({ received, accepted, failed, delivered }: Row) => [received, accepted, failed, delivered].map(Number);

describe('SendStream', () => {
  it('logs what failed through a fault of ours, once for what was handed on together', async (t) => {
    const fault = new TypeError('no such thing');
    const execute = async () => {
      throw fault;
    };
    const door = await openGrpcDoor(t, { execute: execute as unknown as Execute });
    const { call, answer } = openStream(await door.client());
    call.write(toUser('a'));
    call.end();
    assert.deepEqual(counts(await answer), [1, 0, 1, 0]);
    assert.deepEqual(door.faults, [fault]);
  });

  it('hands 10,000 messages on in their order, and counts them', async (t) => {
    const execute = async ({ items }: { items: readonly unknown[] }) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      const total = items.length;
      return { total, matched: total, delivered: total, queued: 0, dropped: {}, missingNodes: [], offline: [] };
    };
    const door = await openGrpcDoor(t, { execute: execute as unknown as Execute });
    const { call, answer } = openStream(await door.client());
    for (let index = 0; index < 10_000; index++) {
      if (!call.write(toUser(`u${index}`))) await once(call, 'drain');
    }
    call.end();
    assert.deepEqual(counts(await answer), [10_000, 10_000, 0, 10_000]);
    const uids = door.commands.flatMap((command) =>
      command.type === 'pushList'
        ? command.items.flatMap(({ target }) => (target.to === 'users' ? target.uids : []))
        : [],
    );
    assert.deepEqual(
      uids,
      Array.from({ length: 10_000 }, (_, index) => `u${index}`),
    );
    assert.ok(door.commands.length < 1000, `${door.commands.length} hand-overs`);
  });

  it('counts what is refused, tells the first of it by index, and goes on', async (t) => {
    const execute = async (command: Command) => {
      assert.ok(command.type === 'pushList');
      if (command.class?.name === 'none') throw new YunqueError('bad_request', 'no such class', { field: 'class' });
      const total = command.items.length;
      return {
        total,
        matched: 2,
        delivered: 1,
        queued: 1,
        dropped: { closing: 1 },
        missingNodes: ['n'],
        offline: ['o'],
      };
    };
    const door = await openGrpcDoor(t, { execute: execute as unknown as Execute });
    const { call, answer } = openStream(await door.client());
    call.write(toUser('ann'));
    call.write({ target: {} });
    call.write(toUser('bob', { class: { name: 'none' } }));
    call.write(toUser('cid', { class: { name: 'prices' } }));
    for (let index = 0; index < 200; index++) call.write(toUser(''));
    call.end();
    const receipt = await answer;
    assert.deepEqual(counts(receipt).slice(0, 3), [204, 2, 202]);
    const errors = receipt['errors'] as Row[];
    assert.equal(errors.length, 100);
    assert.deepEqual(
      errors.slice(0, 3).map(({ index, code, field }) => [index, code, field]),
      [
        ['1', 'bad_request', 'target'],
        ['2', 'bad_request', 'class'],
        ['4', 'bad_request', 'target.users.uids'],
      ],
    );
    assert.deepEqual(
      [receipt['dropped'], receipt['missing_nodes'], receipt['offline']],
      [{ closing: '2' }, ['n'], '2'],
    );
  });

  it('holds a caller back that is faster than the node', async (t) => {
    const gate = Promise.withResolvers<void>();
    let taken = 0;
    const execute = async (command: Command) => {
      assert.ok(command.type === 'pushList');
      taken += command.items.length;
      await gate.promise;
      const total = command.items.length;
      return { total, matched: 0, delivered: 0, queued: 0, dropped: {}, missingNodes: [], offline: [] };
    };
    const door = await openGrpcDoor(t, { execute: execute as unknown as Execute });
    const { call, answer } = openStream(await door.client());
    const large = toUser('ann', { push: { msg: 'x'.repeat(10_000) } });
    let sent = 0;
    let isHeld = false;
    // Without flow control this would never be false for long.
    while (!isHeld && sent < 2000) {
      sent += 1;
      if (call.write(large)) continue;
      isHeld = await Promise.race([
        once(call, 'drain').then(() => false),
        new Promise<boolean>((resolve) => setTimeout(resolve, 300, true)),
      ]);
    }
    assert.ok(isHeld, `${sent} messages of 10 kB went out`);
    assert.ok(taken < sent);
    gate.resolve();
    call.end();
    assert.equal(counts(await answer)[0], sent);
  });

  it('ends without a word when its caller has gone or its time is over, and is not our fault', async (t) => {
    const gate = Promise.withResolvers<void>();
    let under = 0;
    const execute = async (command: Command) => {
      under += 1;
      await gate.promise;
      const total = command.type === 'pushList' ? command.items.length : 0;
      return { total, matched: 0, delivered: 0, queued: 0, dropped: {}, missingNodes: [], offline: [] };
    };
    const door = await openGrpcDoor(t, { execute: execute as unknown as Execute });
    const client = await door.client();
    const gone = openStream(client);
    gone.call.write(toUser('ann'));
    while (under < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    gone.call.cancel();
    await assert.rejects(gone.answer, ({ code }: Refused) => code === status.CANCELLED);
    const late = openStream(client, new Metadata(), 200);
    late.call.write(toUser('ann'));
    await assert.rejects(late.answer, ({ code }: Refused) => code === status.DEADLINE_EXCEEDED);
    gate.resolve();
    // The door still answers, and has taken no more than what had come.
    const last = openStream(client);
    last.call.end();
    assert.deepEqual(counts(await last.answer), [0, 0, 0, 0]);
    assert.deepEqual([door.faults, door.refusals, under], [[], [], 2]);
  });

  it('says how far it got when the node goes away', async (t) => {
    let isDraining = false;
    const door = await openGrpcDoor(t, { isDraining: () => isDraining });
    const { call, answer } = openStream(await door.client());
    call.write(toUser('ann'));
    while (door.commands.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    isDraining = true;
    call.write(toUser('bob'));
    await assert.rejects(answer, ({ code, metadata }: Refused) => {
      assert.deepEqual([code, metadata.get('yunque-received')], [status.UNAVAILABLE, ['1']]);
      assert.deepEqual(metadata.get('yunque-code'), ['going_away']);
      return true;
    });
  });

  it('takes no idempotency key', async (t) => {
    const door = await openGrpcDoor(t);
    const { answer } = openStream(await door.client(), metadataOf({ 'idempotency-key': 'k' }));
    await assert.rejects(answer, ({ code }: Refused) => code === status.INVALID_ARGUMENT);
  });
});
