import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NoHookAnswerKind } from '../../../../src/egress/hook.ts';
import { askerOf, fakeExecute, fakeHook, fakeSink, requestOf, uplinkOf } from './fakes.ts';

const alice = askerOf({ uid: 'alice', deviceId: 'phone', system: 'shop', cid: 9 });

describe('a route', () => {
  test('is the first one that takes the key in the system of the connection', async () => {
    const [orders, all, bank] = [fakeHook(), fakeHook(), fakeHook()];
    const { uplink, counted } = uplinkOf({
      routes: [
        { name: 'bank', keys: ['*'], systems: ['bank'], hook: bank },
        { name: 'orders', keys: ['x', 'order.*'], hook: orders },
        { name: 'all', keys: ['*'], systems: ['shop', 'other'], hook: all },
      ],
    });
    const ask = (key: string, system: string) => uplink.ask(requestOf(key, askerOf({ uid: 'u', system })));
    const answers = [ask('order.create', 'shop'), ask('x', 'nowhere'), ask('y', 'shop'), ask('order.create', 'bank')];
    assert.deepEqual([orders.asked.length, all.asked.length, bank.asked.length], [2, 1, 1]);
    for (const hook of [orders, orders, all, bank]) hook.answer('{}');
    assert.deepEqual(
      (await Promise.all(answers)).map(({ code }) => code),
      ['200', '200', '200', '200'],
    );
    assert.equal((await ask('y', 'nowhere')).code, '404');
    assert.deepEqual(counted, ['orders 200', 'orders 200', 'all 200', 'bank 200', 'none 404']);
  });

  test('to a hook tells it who asks as the node knows it, not as the data says', async () => {
    const hook = fakeHook();
    const { uplink } = uplinkOf({ routes: [{ name: 'all', keys: ['*'], hook }] });
    const said = { uid: 'root', system: 'bank', cid: '1', deviceId: 'x', '": "': '\ud800' };
    void uplink.ask({ ...requestOf('a"b', alice, said), timestamp: 9007199254740993n });
    void uplink.ask({ ...requestOf('k', askerOf({ clientId: 'C+/=' })), json: '{"n": 1.0}' });
    const [bound, anonymous] = hook.asked;
    assert.equal(bound?.id, 'id1');
    assert.deepEqual(JSON.parse(bound?.body ?? ''), {
      id: 'id1',
      system: 'shop',
      uid: 'alice',
      deviceId: 'phone',
      cid: '9',
      key: 'a"b',
      timestamp: '9007199254740993',
      data: { ...said, '": "': '\ud800' },
    });
    const { timestamp, ...rest } = JSON.parse(anonymous?.body ?? '');
    assert.deepEqual(rest, { id: 'id2', system: 'default', cid: '7', clientId: 'C+/=', key: 'k', data: { n: 1 } });
    assert.ok(Math.abs(timestamp - Date.now()) < 60_000);
    assert.ok(anonymous?.body.endsWith('"data":{"n": 1.0}}'), 'as the client wrote it');
  });

  const refusals: Readonly<Record<NoHookAnswerKind, string>> = {
    busy: '503',
    open: '503',
    down: '503',
    late: '504',
    broken: '502',
    closed: '503',
  };
  test('to a hook is answered with what it says, or a code for each way of not answering', async () => {
    const hook = fakeHook();
    const { uplink, faults, clock } = uplinkOf({ routes: [{ name: 'all', keys: ['*'], hook }], waitingEach: 99 });
    const ask = () => uplink.ask(requestOf('k', alice));
    const answered = ask();
    hook.answer('{"code":7,"message":"m","data":[1]}');
    assert.deepEqual(await answered, { code: '7', message: 'm', data: '[1]' });
    for (const [is, code] of Object.entries(refusals)) {
      const refused = ask();
      hook.answer({ is: is as NoHookAnswerKind, reason: 'host:1: internals' });
      const answer = await refused;
      assert.deepEqual([is, answer.code, answer.message.includes('host')], [is, code, false]);
    }
    const html = ask();
    hook.answer('<html>');
    assert.equal((await html).code, '502');
    assert.deepEqual(faults, ['all: host:1: internals'], 'once in ten seconds');
    clock.ms = 10_000;
    const later = ask();
    hook.answer('<html>');
    await later;
    assert.equal(faults.length, 2);
  });

  test('to a sink keeps the order of a connection, keyed by its user, and is answered 202', async () => {
    const sink = fakeSink();
    const { uplink, counted } = uplinkOf({ routes: [{ name: 'q', keys: ['*'], sink }] });
    const answers = ['1', '2', '3'].map((key) => uplink.ask(requestOf(key, alice)));
    const anonymous = uplink.ask(requestOf('4', askerOf()));
    for (let at = 0; at < 2; at++) await sink.take();
    assert.deepEqual(
      (await Promise.all([...answers, anonymous])).map(({ code }) => code),
      ['202', '202', '202', '202'],
    );
    const records = sink.batches.flat();
    assert.deepEqual(
      records.map(({ id, key }) => [id, key]),
      [
        ['id1', 'alice'],
        ['id2', 'alice'],
        ['id3', 'alice'],
        ['id4', '7'],
      ],
    );
    assert.deepEqual(
      records.map(({ body }) => JSON.parse(body).key),
      ['1', '2', '3', '4'],
    );
    assert.deepEqual(counted, ['q 202', 'q 202', 'q 202', 'q 202']);
  });

  test('shows its figures', async () => {
    const [hook, sink] = [fakeHook(), fakeSink()];
    const { uplink } = uplinkOf({
      routes: [
        { name: 'h', keys: ['h'], hook },
        { name: 's', keys: ['s'], sink },
      ],
    });
    void uplink.ask(requestOf('s', alice));
    assert.deepEqual(uplink.figures(), [
      { name: 'h', use: 'uplink', kind: 'http', state: 'ready', sent: 1, failed: 2, dropped: 3, waiting: 0 },
      { name: 's', use: 'uplink', kind: 'stream', state: 'ready', sent: 0, failed: 0, dropped: 0, waiting: 1 },
    ]);
    await uplink.close();
    assert.equal(hook.status.state, 'closed');
  });
});

describe('a connection', () => {
  test('may ask so often in the long run, and twice as often at once; each has its own rate', async () => {
    const { codeOf, clock } = uplinkOf({ rate: 10 });
    const other = askerOf({ uid: 'bob' });
    const count = async (requests: number) => {
      const codes = await Promise.all(Array.from({ length: requests }, () => codeOf('k', alice)));
      return codes.filter((code) => code !== '429').length;
    };
    assert.equal(await count(25), 20);
    assert.equal(await codeOf('k', other), '404');
    clock.ms += 100;
    assert.equal(await count(5), 1);
    let taken = 0;
    for (let at = 0; at < 1000; at++) {
      clock.ms += 10;
      taken += await count(2);
    }
    assert.equal(taken, 100, 'ten seconds at twenty times the rate');
    clock.ms += 60_000;
    assert.equal(await count(25), 20);
  });

  test('may send as fast as its rate without ever being refused', async () => {
    const { codeOf, clock } = uplinkOf({ rate: 10 });
    for (let at = 0; at < 1000; at++) {
      clock.ms += 100;
      assert.equal(await codeOf('k', alice), '404');
    }
  });

  test('may wait for so many answers, and one more when one has come', async () => {
    const hook = fakeHook();
    const { uplink, codeOf } = uplinkOf({ routes: [{ name: 'h', keys: ['*'], hook }], waitingEach: 2 });
    const first = uplink.ask(requestOf('k', alice));
    void uplink.ask(requestOf('k', alice));
    assert.equal(await codeOf('k', alice), '429');
    assert.equal(hook.asked.length, 2);
    void uplink.ask(requestOf('k', askerOf({ uid: 'bob' })));
    assert.equal(hook.asked.length, 3);
    hook.answer('{}');
    await first;
    void uplink.ask(requestOf('k', alice));
    assert.equal(hook.asked.length, 4);
  });
});

describe('all connections together', () => {
  test('may wait for so many answers, and for so many bytes', async () => {
    const hook = fakeHook();
    const routes = [{ name: 'h', keys: ['*'], hook }];
    const many = uplinkOf({ routes, waiting: 2 });
    for (const uid of ['a', 'b']) void many.uplink.ask(requestOf('k', askerOf({ uid })));
    assert.equal(await many.codeOf('k', askerOf({ uid: 'c' })), '503');
    assert.equal(hook.asked.length, 2);
    const large = uplinkOf({ routes, waitingBytes: 1000 });
    const data = { text: 'x'.repeat(2000) };
    const alone = large.uplink.ask(requestOf('k', alice, data));
    assert.equal(await large.codeOf('k', alice, data), '503');
    for (let at = 0; at < 3; at++) hook.answer('{}');
    assert.equal((await alone).code, '200', 'one is never too large by itself');
    for (let at = 0; at < 2; at++) void large.uplink.ask(requestOf('k', alice, { text: 'x'.repeat(200) }));
    assert.equal(hook.asked.length, 5, 'what was answered waits no more');
  });
});

describe('an uplink that drains', () => {
  test('refuses what is new and waits for the answers under way', async () => {
    const hook = fakeHook();
    const { uplink, codeOf } = uplinkOf({ routes: [{ name: 'h', keys: ['*'], hook }], chat: true });
    const answer = uplink.ask(requestOf('k', alice));
    let isDrained = false;
    const drained = uplink.drain(60_000).then(() => {
      isDrained = true;
    });
    assert.deepEqual([await codeOf('k', alice), await codeOf('chat', alice, { to: 'b' })], ['503', '503']);
    await new Promise(setImmediate);
    assert.equal(isDrained, false);
    hook.answer('{}');
    assert.equal((await answer).code, '200');
    await drained;
  });

  test('waits no longer than it was told, and not at all in a hurry or where nobody waits', async () => {
    const { uplink } = uplinkOf({ routes: [{ name: 'h', keys: ['*'], hook: fakeHook() }] });
    await uplink.drain(60_000);
    const waiting = uplinkOf({ routes: [{ name: 'h', keys: ['*'], hook: fakeHook() }] });
    void waiting.uplink.ask(requestOf('k', alice));
    await waiting.uplink.drain(20);
    await waiting.uplink.drain(60_000, AbortSignal.abort());
    const hurry = new AbortController();
    const drained = waiting.uplink.drain(60_000, hurry.signal);
    hurry.abort();
    await drained;
  });

  test('that is closed answers what is under way', async () => {
    const [hook, sink] = [fakeHook(), fakeSink()];
    const { uplink } = uplinkOf({
      routes: [
        { name: 'h', keys: ['h'], hook },
        { name: 's', keys: ['s'], sink },
      ],
      execute: fakeExecute().execute,
    });
    const answers = ['h', 's', 's'].map((key) => uplink.ask(requestOf(key, alice)));
    await uplink.close();
    assert.deepEqual(
      (await Promise.all(answers)).map(({ code }) => code),
      ['503', '503', '503'],
    );
  });
});
