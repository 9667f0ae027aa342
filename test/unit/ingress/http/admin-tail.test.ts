import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Judgement } from '../../../../src/access/access.ts';
import type { OperatorRole } from '../../../../src/api/principal.ts';
import type { TailCopy, TailItem, TailQuery } from '../../../../src/api/tail.ts';
import { eventually } from '../../../support/eventually.ts';
import { fakeAccess } from '../../../support/fake-access.ts';
import { type Harness, startDoors } from './harness.ts';

const operator = (role: OperatorRole) => (): Judgement => ({
  ...{ allowed: true, system: undefined },
  principal: { kind: 'operator', role, by: 'key', keyId: 'k' },
});

const copy = (body: string): TailCopy => ({
  ...{ type: 'copy', time: 1, node: 'n1', system: 'default', direction: 'out', kind: 'push', bytes: body.length, body },
  ...{ isRedacted: false, isCut: false },
});

/** The doors with somebody behind them who is told what is asked for, and says what passes. */
async function start(t: TestContext, role: OperatorRole = 'operate', stands = async () => true) {
  const asked: TailQuery[] = [];
  const readers = new Set<(item: TailItem) => void>();
  const doors = await startDoors(
    t,
    {},
    {
      access: fakeAccess({ judge: operator(role), stands }),
      tail(query, _actor, onItem) {
        asked.push(query);
        readers.add(onItem);
        return () => readers.delete(onItem);
      },
    },
  );
  const pass = (item: TailItem) => {
    for (const reader of readers) reader(item);
  };
  return { doors, asked, readers, pass };
}

async function follow(t: TestContext, doors: Harness, query = '') {
  const outgoing = request({ port: doors.port, host: '127.0.0.1', path: `/admin/v1/tail${query}`, agent: false });
  outgoing.on('error', () => {});
  t.after(() => outgoing.destroy());
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const stream = { response, text: '', ended: false, destroy: () => outgoing.destroy() };
  response.on('data', (chunk: Buffer) => {
    stream.text += chunk;
  });
  response.on('end', () => {
    stream.ended = true;
  });
  return stream;
}

test('copies arrive one by one as server-sent events, until the reader goes', async (t) => {
  const { doors, pass, readers } = await start(t);
  const stream = await follow(t, doors);
  assert.equal(stream.response.headers['content-type'], 'text/event-stream; charset=utf-8');
  pass(copy('one'));
  await eventually('it came', () => stream.text.endsWith(`event: copy\ndata: ${JSON.stringify(copy('one'))}\n\n`));
  stream.destroy();
  await eventually('nothing is copied any more', () => readers.size === 0);
});

test('a key that may only read gets no bodies, whatever it asks for', async (t) => {
  for (const [role, query, redact] of [
    ['read', '', true],
    ['read', '?redact=false', true],
    ['operate', '', false],
    ['operate', '?redact=true', true],
    ['admin', '', false],
  ] as const) {
    const { doors, asked } = await start(t, role);
    await follow(t, doors, query);
    assert.equal(asked[0]?.redact, redact, `${role} ${query}`);
  }
});

test('the query is passed on; ids are of one system, by itself the default one', async (t) => {
  const { doors, asked } = await start(t);
  await follow(t, doors, '?uid=a&sample=0.5&perSecond=2&direction=in');
  await follow(t, doors, '?system=sys&group=g');
  await follow(t, doors, '?sample=1');
  assert.deepEqual(asked[0], {
    ...{ uid: 'a', sample: 0.5, perSecond: 2, direction: 'in' },
    system: 'default',
    redact: false,
  });
  assert.deepEqual(asked[1], { system: 'sys', group: 'g', redact: false });
  assert.equal(asked[2]?.system, undefined);
});

test('what is wrong with the query is said', async (t) => {
  const { doors, asked } = await start(t);
  for (const wrong of ['sample=0', 'sample=1.1', 'perSecond=0', 'perSecond=10001', 'direction=up', 'to=x', 'uid=']) {
    assert.equal((await doors.ask(`/admin/v1/tail?${wrong}`)).status, 400, wrong);
  }
  assert.equal((await doors.ask(`/admin/v1/tail?group=${encodeURIComponent('云'.repeat(90))}`)).status, 400);
  assert.equal((await doors.ask('/admin/v1/tail?system=nobody')).status, 404);
  assert.deepEqual(asked, []);
});

test('the 33rd at a time is refused, and let in when another has gone', async (t) => {
  const { doors, readers } = await start(t);
  const streams = [];
  for (let n = 0; n < 32; n += 1) streams.push(await follow(t, doors));
  const refused = await doors.ask('/admin/v1/tail');
  assert.equal(refused.status, 503);
  assert.match(refused.text, /"limit_reached".*32 tails/);
  streams[0]?.destroy();
  await eventually('one has gone', () => readers.size === 31);
  assert.equal((await follow(t, doors)).response.statusCode, 200);
});

test('it ends when its key is removed, and when the node goes', async (t) => {
  let stands = true;
  const { doors } = await start(t, 'read', async () => stands);
  const [first, second] = [await follow(t, doors), await follow(t, doors)];
  stands = false;
  for (const listener of doors.listeners) {
    listener({ type: 'key_removed', role: 'read', keyId: 'k', sequence: 1, time: 1, node: 'n1' });
  }
  await eventually('both ended', () => first.ended && second.ended);
  stands = true;
  const third = await follow(t, doors);
  await doors.close();
  await eventually('it ended', () => third.ended);
});

test('it ends for a reader that may read no longer and does not read', async (t) => {
  let stands = true;
  const { doors, pass, readers } = await start(t, 'read', async () => stands);
  const socket = connect(doors.port, '127.0.0.1');
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  socket.write('GET /admin/v1/tail HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await eventually('it is open', () => readers.size === 1);
  socket.pause();
  for (let n = 1; n <= 3000; n += 1) {
    pass(copy('x'.repeat(8192)));
    if (n % 100 === 0) await new Promise(setImmediate);
  }
  stands = false;
  for (const listener of doors.listeners) {
    listener({ type: 'key_removed', role: 'read', keyId: 'k', sequence: 1, time: 1, node: 'n1' });
  }
  await eventually('nothing is copied any more', () => readers.size === 0);
});

test('a reader that does not read loses copies, and is told how many', async (t) => {
  const { doors, pass, readers } = await start(t);
  const socket = connect(doors.port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write('GET /admin/v1/tail HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await eventually('it is open', () => readers.size === 1);
  socket.pause();
  const count = 3000;
  for (let n = 1; n <= count; n += 1) {
    pass(copy('x'.repeat(8192)));
    if (n % 100 === 0) await new Promise(setImmediate);
  }
  pass({ type: 'lost', node: 'n2', count: 5, why: 'rate' });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.resume();
  const lost = /"type":"lost","node":"n1","count":(\d+),"why":"reader"/;
  await eventually('it is told without another copy', () => lost.test(text));
  const got = text.match(/"type":"copy"/g)?.length ?? 0;
  assert.ok(got < count, 'all of it was buffered');
  assert.equal(Number(lost.exec(text)?.[1]), count - got + 5, 'what others lost is among it');
});
