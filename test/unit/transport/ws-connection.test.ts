import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { frame, opcodes } from '../../../src/wire/frame.ts';
import { cpuMsOf } from '../../support/cpu-time.ts';
import { eventually } from '../../support/eventually.ts';
import { settled } from '../../support/fake-node.ts';
import { createWsPair, type WsPair } from '../../support/ws-pair.ts';

const text = (content: string) => frame(Buffer.from(content), opcodes.text);

/** Counts the writes that reach the kernel. */
function countWrites(socket: Socket): { writes: number } {
  const counted = { writes: 0 };
  const { _write, _writev } = socket;
  socket._write = function (this: Socket, ...args) {
    counted.writes += 1;
    return _write.apply(this, args);
  };
  if (_writev !== undefined) {
    socket._writev = function (this: Socket, ...args) {
      counted.writes += 1;
      return _writev.apply(this, args);
    };
  }
  return counted;
}

/** What the client gets, in order, until `last` has come. */
async function heard({ client }: WsPair, last: string): Promise<string[]> {
  const all: string[] = [];
  await new Promise<void>((resolve) => {
    const take = (what: string) => {
      all.push(what);
      if (what === last) resolve();
    };
    client.on('message', (data) => take(data.toString()));
    client.on('ping', (data) => take(`ping ${data.toString()}`));
    client.on('pong', (data) => take(`pong ${data.toString()}`));
    client.on('close', (code) => take(`close ${code}`));
  });
  return all;
}

describe('everything written in one turn', () => {
  test('leaves in one write, in order, replies and messages alike', async () => {
    await using pair = await createWsPair();
    const all = heard(pair, '49');
    const counted = countWrites(pair.socket);
    for (let n = 0; n < 50; n += 1) {
      if (n % 5 === 0) pair.connection.writeControl(text(String(n)));
      else assert.equal(pair.connection.write(text(String(n))), undefined);
    }
    assert.equal(counted.writes, 0, 'nothing leaves before the turn is over');
    assert.deepEqual(
      await all,
      Array.from({ length: 50 }, (_, n) => String(n)),
    );
    assert.equal(counted.writes, 1);
  });

  test('leaves in the order it was written, also where single messages and handfuls of them are mixed', async () => {
    await using pair = await createWsPair();
    const all = heard(pair, '6');
    const counted = countWrites(pair.socket);
    const { connection } = pair;
    connection.writeMany(text('1'), 1, true);
    connection.write(text('2'));
    connection.writeMany(Buffer.concat([text('3'), text('4')]), 2, true);
    connection.writeMany(text('5'), 1, true);
    connection.write(text('6'));
    connection.flush();
    assert.deepEqual(await all, ['1', '2', '3', '4', '5', '6']);
    assert.equal(counted.writes, 1);
  });

  test('is not held back for the next turn', async () => {
    await using pair = await createWsPair();
    const counted = countWrites(pair.socket);
    const all = heard(pair, 'second');
    pair.connection.write(text('first'));
    await settled();
    pair.connection.write(text('second'));
    assert.deepEqual(await all, ['first', 'second']);
    assert.equal(counted.writes, 2);
  });

  test('keeps its order with the pongs that ws writes by itself', async () => {
    await using pair = await createWsPair();
    const all = heard(pair, 'after');
    pair.ws.on('message', (data) => pair.connection.write(text(data.toString())));
    pair.client.send('before');
    pair.client.ping('x');
    pair.client.send('after');
    assert.deepEqual(await all, ['before', 'pong x', 'after']);
  });

  test('leaves before the close frame that follows it', async () => {
    await using pair = await createWsPair();
    const all = heard(pair, 'close 4503');
    pair.connection.write(text('last words'));
    pair.connection.close('kicked');
    assert.deepEqual(await all, ['last words', 'close 4503']);
  });
});

test('the very buffer is written, and never changed', async () => {
  await using pair = await createWsPair();
  const shared = text('shared');
  const before = Buffer.from(shared);
  const written: unknown[] = [];
  const { write } = pair.socket;
  pair.socket.write = function (this: Socket, ...args: Parameters<typeof write>) {
    written.push(args[0]);
    return write.apply(this, args);
  } as typeof write;
  const all = heard(pair, 'shared');
  pair.connection.write(shared);
  await all;
  assert.equal(written[0], shared);
  assert.deepEqual(shared, before);
});

describe('the outbox', () => {
  test('of a client that does not read is bounded: one frame too many closes it with 4008, once', async () => {
    await using pair = await createWsPair({ maxOutboxBytes: 256 * 1024 });
    pair.socket.setNoDelay(true);
    pair.client.pause();
    const chunk = frame(Buffer.alloc(64 * 1024), opcodes.binary);
    let outcome = pair.connection.write(chunk);
    let most = 0;
    for (let n = 0; n < 2000 && outcome === undefined; n += 1) {
      await settled();
      outcome = pair.connection.write(chunk);
      most = Math.max(most, pair.connection.queueBytes);
    }
    assert.equal(outcome, 'slow_consumer');
    assert.ok(most <= 256 * 1024, `${most} bytes waited`);
    assert.equal(pair.connection.isOpen, false);
    const { dropped } = pair.connection;
    assert.equal(pair.connection.write(chunk), 'closing');
    assert.equal(pair.connection.dropped, dropped + 1);
    await settled();
    assert.deepEqual(pair.ended, [{ code: 4008, reason: 'reads too slowly' }]);
  });

  test('takes one message larger than itself for a client that keeps up', async () => {
    await using pair = await createWsPair({ maxOutboxBytes: 4096 });
    const big = 'x'.repeat(40_000);
    const all = heard(pair, 'end');
    assert.equal(pair.connection.write(text(big)), undefined);
    await settled();
    pair.connection.write(text('end'));
    assert.deepEqual(await all, [big, 'end']);
  });

  test('takes a turn of messages larger than itself: what is held back for one write does not count as unread', async () => {
    await using pair = await createWsPair({ maxOutboxBytes: 16 * 1024 });
    const counted = countWrites(pair.socket);
    const messages = Array.from({ length: 100 }, (_, n) => `${n} ${'x'.repeat(2000)}`);
    const all = heard(pair, messages.at(-1) as string);
    for (const message of messages) assert.equal(pair.connection.write(text(message)), undefined);
    assert.deepEqual(await all, messages);
    assert.ok(counted.writes >= 10 && counted.writes <= 20, `${counted.writes} writes`);
  });
});

describe('closing', () => {
  test('says the error’s code and message, or the reason given, and is over after the first time', async () => {
    await using pair = await createWsPair();
    pair.connection.close('kicked', '刷屏');
    pair.connection.close('internal');
    assert.equal(pair.connection.closedBy, 'kicked');
    assert.equal(pair.ended.length, 0, 'whoever closes finishes first');
    assert.deepEqual(await pair.clientClosed, { code: 4503, reason: '刷屏' });
    assert.deepEqual(pair.ended, [{ code: 4503, reason: '刷屏' }]);
  });

  for (const [name, reason, expected] of [
    ['123 bytes', 'x'.repeat(123), 'x'.repeat(123)],
    ['one byte more', 'x'.repeat(124), 'x'.repeat(123)],
    ['characters of three bytes', '云'.repeat(60), '云'.repeat(41)],
    ['a pair of surrogates over the end', `${'x'.repeat(121)}🐦`, 'x'.repeat(121)],
    ['a pair within', `${'x'.repeat(119)}🐦`, `${'x'.repeat(119)}🐦`],
  ] as const) {
    test(`cuts a reason to what a close frame holds, between characters: ${name}`, async () => {
      await using pair = await createWsPair();
      pair.connection.close('kicked', reason);
      assert.equal((await pair.clientClosed).reason, expected);
    });
  }

  test('with a reason of a megabyte takes no time', async () => {
    await using pair = await createWsPair();
    const reason = '云'.repeat(350_000);
    const cpuMs = await cpuMsOf(() => pair.connection.close('kicked', reason));
    assert.ok(cpuMs < 200, `${cpuMs} ms`);
    assert.equal((await pair.clientClosed).reason, '云'.repeat(41));
  });

  test('of a client that is silent does not wait for its answer', async () => {
    await using pair = await createWsPair();
    pair.client.pause();
    pair.connection.close('no_pong');
    await once(pair.socket, 'close');
    assert.deepEqual(pair.ended, [{ code: 4012, reason: 'no heartbeat in time' }]);
  });

  test('by the client makes the connection take nothing more, without an error', async () => {
    await using pair = await createWsPair();
    pair.client.close(1000);
    await once(pair.ws, 'close');
    assert.equal(pair.connection.isOpen, false);
    assert.equal(pair.connection.write(text('x')), 'closing');
    pair.connection.writeControl(text('x'));
    assert.deepEqual(pair.ended, [], 'only this side’s own closing is reported here');
  });

  test('by a cut wire is the same', async () => {
    await using pair = await createWsPair();
    pair.client.terminate();
    pair.connection.write(text('on its way'));
    await once(pair.ws, 'close');
    assert.equal(pair.connection.write(text('x')), 'closing');
  });
});

test('messages are counted, replies and heartbeats are not', async () => {
  await using pair = await createWsPair();
  pair.connection.write(text('a'));
  pair.connection.writeControl(text('b'));
  assert.deepEqual([pair.connection.delivered, pair.connection.dropped], [1, 0]);
});

describe('a client that does not keep up', () => {
  const ticks = { class: 'ticks', key: 'eur', policy: 'conflate' } as const;

  /** Writes until the kernel takes no more. */
  async function fill(pair: WsPair): Promise<number> {
    pair.client.pause();
    const chunk = frame(Buffer.alloc(64 * 1024), opcodes.binary);
    let written = 0;
    while (!pair.socket.writableNeedDrain) {
      pair.connection.write(chunk);
      written += 1;
      await settled();
    }
    return written;
  }

  test('is spared what its class lets be spared, and gets the rest in order when it reads again', async () => {
    await using pair = await createWsPair();
    await fill(pair);
    assert.equal(pair.connection.isBackedUp, true);
    for (let n = 0; n < 1000; n += 1) assert.equal(pair.connection.write(text(`tick ${n}`), ticks), undefined);
    pair.connection.write(text('must'));
    assert.equal(pair.droppedLater.length, 999);
    assert.equal(pair.connection.dropped, 999);
    const all: string[] = [];
    pair.client.on('message', (data, isBinary) => !isBinary && all.push(data.toString()));
    pair.client.resume();
    await eventually('the last has come', () => all.at(-1) === 'must');
    assert.deepEqual(all, ['tick 999', 'must']);
    assert.deepEqual([pair.connection.isBackedUp, pair.connection.queueBytes], [false, 0]);
    pair.connection.write(text('on'));
    await eventually('it goes on', () => all.at(-1) === 'on');
  });

  test('is not written to at once by those who hand out many messages together', async () => {
    await using pair = await createWsPair();
    assert.equal(pair.connection.writeMany(Buffer.concat([text('1'), text('2')]), 2, true), true);
    await fill(pair);
    assert.equal(pair.connection.writeMany(Buffer.concat([text('3'), text('4')]), 2, true), false);
  });

  test('is closed with 4008 when what waits is older than it may be, in time that this process really had', async () => {
    await using pair = await createWsPair({ maxAgeMs: 1000 });
    await fill(pair);
    for (let tick = 0; tick < 9; tick += 1) pair.wheel.tick();
    assert.equal(pair.connection.isOpen, true);
    pair.wheel.tick();
    await settled();
    assert.equal(pair.ended[0]?.code, 4008);
  });

  test('is closed with 1011 when looking after what waits fails', async () => {
    await using pair = await createWsPair({ maxAgeMs: 1000 });
    await fill(pair);
    pair.connection.onTooSlow = () => {
      throw new Error('broken');
    };
    for (let tick = 0; tick < 10; tick += 1) pair.wheel.tick();
    await settled();
    assert.deepEqual([pair.faults.map(String), pair.ended[0]?.code], [['Error: broken'], 1011]);
  });

  test('stays where all that waits for it may be dropped, which is dropped when it is too old', async () => {
    await using pair = await createWsPair({ maxAgeMs: 1000 });
    pair.client.pause();
    const chunk = frame(Buffer.alloc(64 * 1024), opcodes.binary);
    for (let n = 0; !pair.connection.isBackedUp || n < 3; n += pair.connection.isBackedUp ? 1 : 0) {
      pair.connection.write(chunk, ticks);
      await settled();
    }
    for (let tick = 0; tick < 30; tick += 1) pair.wheel.tick();
    await settled();
    assert.equal(pair.connection.isOpen, true);
    assert.ok(pair.droppedLater.includes('expired'), String(new Set(pair.droppedLater)));
  });

  test('is closed when little waits, but has waited too long', async () => {
    await using pair = await createWsPair({ maxAgeMs: 1000 });
    pair.client.pause();
    const almost = frame(Buffer.alloc(64 * 1024), opcodes.binary);
    for (let n = 0; n < 20_000 && !pair.connection.isBackedUp; n += 1) {
      pair.connection.write(almost.subarray(0, 4));
      pair.connection.write(almost.subarray(4, 9000));
      await settled();
    }
    assert.ok(pair.socket.writableLength > 0 && !pair.socket.writableNeedDrain, 'less than the socket’s mark waits');
    for (let tick = 0; tick < 9; tick += 1) pair.wheel.tick();
    assert.equal(pair.connection.isOpen, true);
    for (let tick = 0; tick < 2; tick += 1) pair.wheel.tick();
    await settled();
    assert.equal(pair.ended[0]?.code, 4008);
  });

  test('gets the newest of a key also where it may have no more than the socket holds', async () => {
    await using pair = await createWsPair({ maxOutboxBytes: 32 * 1024 });
    pair.client.pause();
    const tick = (n: number) => text(`${n}${' '.repeat(4000)}`);
    let sent = 0;
    while (pair.droppedLater.length < 20) {
      pair.connection.write(tick(sent), ticks);
      sent += 1;
      assert.ok(sent < 100_000);
      await settled();
    }
    const all: number[] = [];
    pair.client.on('message', (data) => all.push(Number.parseInt(data.toString(), 10)));
    pair.client.resume();
    await eventually('the newest has come', () => {
      pair.wheel.tick();
      return all.at(-1) === sent - 1;
    });
  });

  test('stays as long as it reads in time', async () => {
    await using pair = await createWsPair({ maxAgeMs: 1000 });
    await fill(pair);
    for (let tick = 0; tick < 9; tick += 1) pair.wheel.tick();
    pair.client.resume();
    await eventually('it has read everything', () => !pair.connection.isBackedUp);
    for (let tick = 0; tick < 20; tick += 1) pair.wheel.tick();
    assert.equal(pair.connection.isOpen, true);
  });

  test('and goes away without a word leaves nothing behind', async () => {
    await using pair = await createWsPair();
    await fill(pair);
    for (let n = 0; n < 10; n += 1) pair.connection.write(text('x'.repeat(1000)));
    pair.connection.forgetQueue();
    assert.equal(pair.connection.isBackedUp, true, 'as long as it may come back to reading');
    const closed = once(pair.ws, 'close');
    pair.client.terminate();
    pair.ws.terminate();
    await closed;
    pair.connection.forgetQueue();
    assert.ok(pair.connection.queueBytes === pair.socket.writableLength);
  });

  test('and is closed for another reason is told what waited, and why', async () => {
    await using pair = await createWsPair();
    await fill(pair);
    pair.connection.write(text('last words'));
    const all = heard(pair, 'close 4503');
    pair.connection.close('kicked');
    pair.client.resume();
    assert.deepEqual((await all).slice(-2), ['last words', 'close 4503']);
  });
});

test('a client that asks and closes in one turn is answered before the close frame, and nothing follows it', async () => {
  await using pair = await createWsPair();
  const errors: unknown[] = [];
  pair.socket.on('error', (error) => errors.push(error));
  pair.ws.on('message', () => pair.connection.write(text('answer')));
  const all = heard(pair, 'close 1000');
  pair.client.send('question');
  pair.client.close(1000);
  assert.deepEqual(await all, ['answer', 'close 1000']);
  assert.equal((await pair.clientClosed).code, 1000);
  await settled();
  assert.deepEqual(errors, []);
});
