import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import type { EventSubject, NodeEvent } from '../../../../src/api/event.ts';
import { fakeAccess } from '../../../support/fake-access.ts';
import { type Harness, startDoors } from './harness.ts';

const event = (
  sequence: number,
  system = 'sys',
  type: 'system_added' | 'system_removed' = 'system_added',
): NodeEvent => ({
  type,
  system,
  sequence,
  time: 1,
  node: 'n1',
});

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5000;
  while (!condition()) {
    assert.ok(Date.now() < end, `in vain: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function follow(t: TestContext, doors: Harness, query = '') {
  const asked = request({ port: doors.port, host: '127.0.0.1', path: `/admin/v1/events${query}`, agent: false });
  asked.on('error', () => {});
  t.after(() => asked.destroy());
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const stream = { response, text: '', ended: false, destroy: () => asked.destroy() };
  response.on('data', (chunk: Buffer) => {
    stream.text += chunk;
  });
  response.on('end', () => {
    stream.ended = true;
  });
  return stream;
}

test('events arrive one by one as server-sent events', async (t) => {
  const doors = await startDoors(t);
  const stream = await follow(t, doors);
  assert.equal(stream.response.statusCode, 200);
  assert.equal(stream.response.headers['content-type'], 'text/event-stream; charset=utf-8');
  for (const listener of doors.listeners) listener(event(1));
  const expected = `id: 1\nevent: system_added\ndata: ${JSON.stringify(event(1))}\n\n`;
  await until(() => stream.text.endsWith(expected));
});

test('the 65th at a time is refused, and let in when another has gone', async (t) => {
  const doors = await startDoors(t);
  const streams: Awaited<ReturnType<typeof follow>>[] = [];
  for (let n = 0; n < 64; n += 1) streams.push(await follow(t, doors));
  const refused = await doors.ask('/admin/v1/events');
  assert.equal(refused.status, 503);
  assert.match(refused.text, /"limit_reached".*64 streams/);
  for (const listener of doors.listeners) listener(event(1));
  await until(() => streams.every(({ text }) => text.includes('id: 1\n')));
  streams[0]?.destroy();
  await until(() => doors.listeners.size === 63);
  assert.equal((await follow(t, doors)).response.statusCode, 200);
});

test('only the types and the system asked for arrive', async (t) => {
  const doors = await startDoors(t);
  const stream = await follow(t, doors, '?system=sys&type=system_removed,refused');
  for (const listener of doors.listeners) {
    listener(event(1));
    listener(event(2, 'default', 'system_removed'));
    listener({ type: 'refused', error: 'forbidden', what: 'x', remoteAddress: '', sequence: 3, time: 1, node: 'n1' });
    listener(event(4, 'sys', 'system_removed'));
  }
  await until(() => stream.text.includes('"sequence":4'));
  assert.deepEqual(stream.text.match(/"sequence":\d/g), ['"sequence":4']);
});

test('the backlog asked for is passed on', async (t) => {
  const asked: number[] = [];
  const subscribe = (_: unknown, backlog: number) => {
    asked.push(backlog);
    return () => {};
  };
  const doors = await startDoors(t, {}, { subscribe });
  await follow(t, doors, '?backlog=20');
  await follow(t, doors);
  assert.deepEqual(asked, [20, 0]);
  assert.equal((await doors.ask('/admin/v1/events?backlog=-1')).status, 400);
});

test('a reader that goes away is forgotten', async (t) => {
  const doors = await startDoors(t);
  const stream = await follow(t, doors);
  assert.equal(doors.listeners.size, 1);
  stream.destroy();
  await until(() => doors.listeners.size === 0);
});

test('a reader that has gone before its stream began is not remembered', async (t) => {
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
  const { promise: gone, resolve: isGone } = Promise.withResolvers<void>();
  const systemExists = async () => {
    isAsked();
    await gone;
    return true;
  };
  let unsubscribed = 0;
  const subscribe = () => () => {
    unsubscribed += 1;
  };
  const doors = await startDoors(t, {}, { systemExists, subscribe });
  const socket = connect(doors.port, '127.0.0.1');
  socket.write('GET /admin/v1/events?system=sys HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await asked;
  socket.destroy();
  await once(socket, 'close');
  await doors.ask('/healthz');
  isGone();
  await until(() => unsubscribed === 1);
});

test('closing the doors ends the stream', async (t) => {
  const doors = await startDoors(t);
  const stream = await follow(t, doors);
  await doors.close();
  await until(() => stream.ended);
  assert.equal(doors.listeners.size, 0);
});

test('what clients wrote moves no terminal of a reader', async (t) => {
  const doors = await startDoors(t);
  const stream = await follow(t, doors);
  const said = { ...event(1), type: 'state', state: 'serving', reason: 'a\u009b2Jb\u202ec\u2028d\u001b[2Je' } as const;
  for (const listener of doors.listeners) listener(said);
  await until(() => stream.text.includes('"reason"'));
  assert.doesNotMatch(stream.text, /[^\n\x20-\x7e]/);
  assert.deepEqual(JSON.parse(/^data: (.*)$/m.exec(stream.text)?.[1] ?? ''), said);
});

describe('a reader whose key is good no longer', () => {
  const principal = { kind: 'operator', role: 'read', by: 'key', keyId: 'k' } as const;
  const start = async (t: TestContext) => {
    const key = { stands: true };
    const access = fakeAccess({
      judge: () => ({ allowed: true, principal, system: undefined }),
      stands: async (asked) => {
        assert.deepEqual(asked, principal);
        return key.stands;
      },
    });
    const doors = await startDoors(t, {}, { access });
    return { key, doors, stream: await follow(t, doors, '?type=banned') };
  };
  const tell = (doors: Harness, event: EventSubject) => {
    for (const listener of doors.listeners) listener({ ...event, sequence: 1, time: 1, node: 'n1' });
  };

  for (const change of [
    { type: 'key_removed', role: 'read', keyId: 'k' },
    { type: 'key_rotated', role: 'read', keyId: 'l', removed: ['k'] },
  ] as const) {
    test(`reads no further from the event ${change.type} on, whatever it reads`, async (t) => {
      const { key, doors, stream } = await start(t);
      tell(doors, change);
      await doors.ask('/healthz');
      assert.equal(stream.ended, false, 'the change of another key is nothing to it');
      key.stands = false;
      tell(doors, change);
      await until(() => stream.ended);
      await until(() => doors.listeners.size === 0);
    });
  }

  test('reads no further from the next heartbeat on, where the key has expired', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const { key, stream } = await start(t);
    t.mock.timers.tick(15_000);
    await until(() => stream.text.includes('still here'));
    assert.equal(stream.ended, false);
    key.stands = false;
    t.mock.timers.tick(15_000);
    await until(() => stream.ended);
  });
});

test('a reader that does not read loses events, is told how many, and costs little memory', async (t) => {
  const doors = await startDoors(t);
  const socket = connect(doors.port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write('GET /admin/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await until(() => doors.listeners.size === 1);
  socket.pause();
  const [listener] = doors.listeners;
  const reason = 'x'.repeat(10_000);
  const count = 3000;
  for (let sequence = 1; sequence <= count; sequence++) {
    listener?.({ type: 'state', state: 'serving', reason, sequence, time: 1, node: 'n1' });
    if (sequence % 100 === 0) await new Promise(setImmediate);
  }
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.resume();
  await until(() => text.includes('id: '));
  const nudge = setInterval(() => listener?.(event(count + 1)), 20);
  t.after(() => clearInterval(nudge));
  await until(() => /: \d+ events left out/.test(text));
  const left = Number(/: (\d+) events left out/.exec(text)?.[1]);
  await until(() => text.includes(`id: ${count + 1}`));
  const got = text.match(/"type":"state"/g)?.length ?? 0;
  assert.ok(got < count, 'all of it was buffered');
  assert.ok(left >= count - got, `${got} arrived, ${left} left out of ${count}`);
});
