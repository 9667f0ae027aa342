import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import type { Command, Execute, PushListCommand } from '../../../../src/api/command.ts';
import { YunqueError } from '../../../../src/api/errors.ts';
import { createDoor } from '../../../../src/ingress/queue/door.ts';
import type { DoorOptions } from '../../../../src/ingress/queue/options.ts';
import type { QueueRecord, Source, SourceStatus, TakeBatch } from '../../../../src/ingress/queue/source.ts';
import { MemorySeen } from '../../../../src/store/memory-seen.ts';
import { eventually } from '../../../support/eventually.ts';
import { createFakeNode, jsonOf } from '../../../support/fake-node.ts';
import { MemoryQueue, MemorySource } from '../../../support/memory-source.ts';
import { publicationBytes } from '../../../support/publication.ts';

const limits = { recordBytes: 10_000, batch: 100, idBytes: 64, jsonDepth: 32 };

/** A source that does nothing by itself: the test gives what it likes. */
class Given implements Source {
  readonly kind = 'kafka';
  status: SourceStatus = { state: 'connecting', failure: undefined, lag: undefined, figures: {} };
  take: TakeBatch = async () => [];
  closed = 0;
  readonly #listeners: (() => void)[] = [];

  start(take: TakeBatch): void {
    this.take = take;
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  onState(listener: () => void): void {
    this.#listeners.push(listener);
  }

  become(status: Partial<SourceStatus>): void {
    this.status = { ...this.status, failure: undefined, ...status };
    for (const listener of this.#listeners) listener();
  }
}

function openDoor(more: Partial<DoorOptions> = {}) {
  const source = new Given();
  const lists: PushListCommand[] = [];
  const lines: (readonly [fields: Record<string, unknown>, text: string])[] = [];
  /** What the next hand-overs are refused with; undefined: they are taken. */
  const refusals: (YunqueError | undefined)[] = [];
  const execute = (async (command: Command) => {
    assert.ok(command.type === 'pushList');
    const refusal = refusals.shift();
    if (refusal !== undefined) throw refusal;
    lists.push(command);
    return {};
  }) as unknown as Execute;
  const write = (fields: Record<string, unknown>, text: string) => void lines.push([fields, text]);
  const seen = new MemorySeen();
  const door = createDoor({
    name: 'kafka:chat',
    source,
    system: 'default',
    trusted: false,
    execute,
    seen,
    systemExists: (system) => ['default', 'shop', '$probe'].includes(system),
    newMessageId: () => '0123456789abcdef',
    log: { info: write, warn: write } as unknown as DoorOptions['log'],
    limits,
    ...more,
  });
  door.start();
  return { door, source, lists, lines, refusals, seen };
}

const to = (uid: string, id?: string, headers: QueueRecord['headers'] = {}): QueueRecord => ({
  id,
  headers,
  body: publicationBytes({ Uid: uid }),
});
const bad = (id?: string): QueueRecord => ({ id, body: Buffer.from('{"uid":"a","msg":[{}]}') });
const done = { is: 'done' } as const;
const unavailable = () => new YunqueError('unavailable');

/** The uids of each hand-over. */
const uidsOf = (lists: readonly PushListCommand[]) =>
  lists.map(({ items }) => items.flatMap(({ target }) => (target.to === 'users' ? target.uids : [])));

describe('a queue door', () => {
  test('makes one list of a batch, in order, and says what it did', async () => {
    const { door, source, lists } = openDoor();
    const json = Buffer.from('[{"clientId":"c1","msg":"hi"},{"Uid":"d","msg":[{},{}]}]');
    const verdicts = await source.take([to('a', '1'), to('b', '2'), { id: '3', body: json }]);
    assert.deepEqual(verdicts, [done, done, done]);
    assert.equal(lists.length, 1);
    const { type, door: by, system } = lists[0] as PushListCommand;
    assert.deepEqual({ type, by, system }, { type: 'pushList', by: 'kafka', system: 'default' });
    assert.deepEqual(
      lists[0]?.items.map(({ target }) => target),
      [
        { to: 'users', uids: ['a'] },
        { to: 'users', uids: ['b'] },
        { to: 'connections', ids: ['c1'] },
        { to: 'users', uids: ['d'] },
        { to: 'users', uids: ['d'] },
      ],
    );
    source.become({ state: 'reading', lag: 7, figures: { rebalances: 2 } });
    assert.deepEqual(door.figures(), {
      ...{ name: 'kafka:chat', kind: 'kafka', state: 'reading', lag: 7, figures: { rebalances: 2 } },
      ...{ records: 3, messages: 5, perSecond: 5, batches: 1, duplicates: 0, parked: 0, retries: 0 },
    });
    source.become({ state: 'failing', failure: 'no broker' });
    assert.equal(door.figures().failure, 'no broker');
  });

  test('names poison with its reason, hands on the rest, and shows a sample in the log', async () => {
    const { door, source, lists, lines } = openDoor();
    const large = { id: '9', body: Buffer.alloc(10_001) };
    const verdicts = await source.take([
      to('a', '1'),
      bad('2'),
      to('b', '3'),
      large,
      { id: '5', body: Buffer.from('[]') },
    ]);
    assert.deepEqual(
      verdicts.map((verdict) => (verdict.is === 'poison' ? verdict.reason : verdict.is)),
      [
        'done',
        'uid is not known – did you mean "Uid"?',
        'done',
        'the record has 10001 bytes; at most 10000 are allowed (limits.body)',
        'the list is empty',
      ],
    );
    assert.deepEqual(uidsOf(lists), [['a', 'b']]);
    assert.deepEqual(lines[0], [
      {
        door: 'kafka:chat',
        id: '2',
        reason: 'uid is not known – did you mean "Uid"?',
        bytes: 22,
        sample: '{"uid":"a","msg":[{}]}',
      },
      'a record of a queue cannot be used',
    ]);
    const sample = lines[1]?.[0]['sample'];
    assert.equal(typeof sample === 'string' && sample.length, 200);
    await source.take(Array.from({ length: 50 }, (_, at) => bad(`b${at}`)));
    assert.ok(lines.length < 10, 'not every one is in the log');
    const { parked, records, messages } = door.figures();
    assert.deepEqual({ parked, records, messages }, { parked: 53, records: 55, messages: 2 });
  });

  test('hands nothing on twice: by id of the transport, by idempotency key, in one batch and the next', async () => {
    const { door, source, lists } = openDoor();
    await source.take([to('a', '1'), to('a', '1'), to('b', '2', { idempotencyKey: 'k' })]);
    await source.take([to('b', '3', { idempotencyKey: 'k' }), to('a', '1'), to('c', '4', { idempotencyKey: '1' })]);
    assert.deepEqual(uidsOf(lists), [['a', 'b'], ['c']]);
    assert.equal(door.figures().duplicates, 3);
    await source.take([to('d'), to('d')]);
    assert.deepEqual(uidsOf(lists).at(-1), ['d', 'd'], 'without an id nothing is recognised');
    const verdicts = await source.take([to('a', '1'), to('a', '1')]);
    assert.deepEqual(verdicts, [done, done]);
    assert.equal(lists.length, 3, 'a batch of nothing new is no hand-over');
  });

  test('takes the same id on another door, and the same key in another system, for something else', async () => {
    const seen = new MemorySeen();
    const [one, two] = [openDoor({ seen, trusted: true }), openDoor({ seen, name: 'kafka:other' })];
    await one.source.take([to('a', '1', { idempotencyKey: 'k', system: 'shop' })]);
    await one.source.take([to('a', '1', { idempotencyKey: 'k' })]);
    await one.source.take([
      { id: '7', headers: { idempotencyKey: 'k' }, body: publicationBytes({ Uid: 'a', system: 'shop' }) },
    ]);
    assert.deepEqual(
      one.lists.map(({ system }) => system),
      ['shop', 'default'],
    );
    await two.source.take([to('a', '1', { idempotencyKey: 'k' })]);
    assert.equal(two.lists.length, 1);
  });

  test('knows a long idempotency key again by a short name', async () => {
    const names: string[] = [];
    const seen = new MemorySeen();
    const add = seen.add.bind(seen);
    seen.add = (more) => add(more.map((name) => names[names.push(name) - 1] ?? name));
    const { source, lists } = openDoor({ seen });
    const [key, other] = ['k'.repeat(1_000_000), `${'k'.repeat(999_999)}l`];
    for (const idempotencyKey of [key, other, key]) await source.take([to('a', '1', { idempotencyKey })]);
    assert.equal(lists.length, 2);
    assert.equal(names.length, 2);
    assert.ok(names.every((name) => name.length < 100));
  });

  test('refuses a batch while nothing can be handed on, and takes it when it comes again', async () => {
    const { door, source, lists, refusals } = openDoor();
    refusals.push(unavailable(), new YunqueError('going_away'));
    const batch = [to('a', '1'), bad('2'), to('b', '3')];
    for (let tries = 0; tries < 2; tries += 1) await assert.rejects(source.take(batch));
    assert.equal(door.figures().records, 0);
    assert.deepEqual(
      (await source.take(batch)).map(({ is }) => is),
      ['done', 'poison', 'done'],
    );
    assert.deepEqual(uidsOf(lists), [['a', 'b']]);
    const { retries, records, parked, batches } = door.figures();
    assert.deepEqual({ retries, records, parked, batches }, { retries: 2, records: 3, parked: 1, batches: 1 });
  });

  test('says once why nothing could be handed on for a while, and that it is again', async () => {
    const { source, lines, refusals } = openDoor();
    const clock = mock.method(performance, 'now', () => 0);
    try {
      for (const ms of [1000, 2000, 3500, 9000]) {
        clock.mock.mockImplementation(() => ms);
        refusals.push(unavailable());
        await assert.rejects(source.take([to('a', '1')]));
      }
      await source.take([to('a', '1')]);
      await source.take([to('b', '2')]);
    } finally {
      clock.mock.restore();
    }
    const failure = new YunqueError('unavailable').message;
    assert.deepEqual(lines, [
      [{ door: 'kafka:chat', failure }, 'a queue door cannot hand on what it reads'],
      [{ door: 'kafka:chat' }, 'a queue door hands on again'],
    ]);
  });

  test('parks what it fails to read through a fault of its own, and goes on', async () => {
    let ids = 0;
    const newMessageId = () => {
      ids += 1;
      if (ids === 1) throw new TypeError('no such thing');
      return '0123456789abcdef';
    };
    const { source, lists } = openDoor({ newMessageId });
    const [first, second] = await source.take([to('a', '1'), to('b', '2')]);
    assert.match(first?.is === 'poison' ? first.reason : '', /no such thing/);
    assert.deepEqual([second, uidsOf(lists)], [done, [['b']]]);
  });

  test('names poison what is refused for good, and nothing beside it', async () => {
    const { source, lists, refusals } = openDoor();
    const refused = new YunqueError('bad_request', 'uid holds a control character', { field: 'uid' });
    refusals.push(refused, undefined, refused, undefined);
    const verdicts = await source.take([to('a', '1'), to('b', '2'), to('c', '3')]);
    assert.deepEqual(verdicts, [done, { is: 'poison', reason: 'uid holds a control character' }, done]);
    assert.deepEqual(uidsOf(lists), [['a'], ['c']]);
  });

  test('tries three times what fails through a fault, then finds the record that is to blame', async () => {
    const { source, lists, lines, refusals } = openDoor();
    const boom = new Error('boom');
    const fault = () => new YunqueError('internal', undefined, { cause: boom });
    const batch = [to('a', '1'), to('b', '2')];
    refusals.push(fault());
    await assert.rejects(source.take(batch));
    refusals.push(fault());
    await assert.rejects(source.take(batch));
    refusals.push(fault(), undefined, fault());
    const [first, second] = await source.take(batch);
    assert.deepEqual(first, done);
    assert.match(second?.is === 'poison' ? second.reason : '', /\(boom\)$/);
    const stack = [{ door: 'kafka:chat', err: boom }, 'a queue door failed to hand on, through a fault of ours'];
    assert.deepEqual(lines[0], stack, 'once, with its stack');
    assert.equal(lines.length, 2, 'and the sample of what was parked');
    assert.deepEqual(uidsOf(lists), [['a']]);
    refusals.push(fault());
    await assert.rejects(source.take([to('c', '3')]), 'the next batch has tries of its own');
  });

  test('of a batch that comes again hands on only what was not', async () => {
    const { door, source, lists, refusals } = openDoor({ trusted: true });
    const batch = [to('a', undefined), to('b', undefined, { system: 'shop' }), to('c', undefined)];
    refusals.push(undefined, unavailable());
    await assert.rejects(source.take(batch));
    assert.deepEqual(await source.take(batch), [done, done, done]);
    assert.deepEqual(
      lists.map(({ system }) => system),
      ['default', 'shop'],
    );
    assert.deepEqual(uidsOf(lists), [['a', 'c'], ['b']]);
    assert.equal(door.figures().messages, 3);
  });
});

describe('the system of a record', () => {
  const reason = async (trusted: boolean, record: QueueRecord) => {
    const { source, lists } = openDoor({ trusted, system: 'shop' });
    const [verdict] = await source.take([record]);
    assert.equal(lists.length, verdict?.is === 'done' ? 1 : 0);
    return verdict?.is === 'poison' ? verdict.reason : lists[0]?.system;
  };
  const inBody = (system: string, headers: QueueRecord['headers'] = {}) => ({
    ...{ id: '1', headers },
    body: publicationBytes({ Uid: 'a', system }),
  });
  const push = (system: string) => ({ id: '1', body: Buffer.from(`{"systemId":"${system}","msg":"hi"}`) });

  test('is the door’s own where it is bound, and no other may be named', async () => {
    assert.equal(await reason(false, to('a')), 'shop');
    assert.equal(await reason(false, inBody('shop')), 'shop');
    assert.equal(await reason(false, to('a', '1', { system: 'shop' })), 'shop');
    assert.equal(await reason(false, push('shop')), 'shop');
    const other = /^system names "default", and the door kafka:chat is bound to "shop"/;
    assert.match(String(await reason(false, inBody('default'))), other);
    assert.match(String(await reason(false, to('a', '1', { system: 'default' }))), other);
    assert.match(String(await reason(false, push('default'))), /^systemId names "default"/);
    assert.equal(await reason(true, inBody('s'.repeat(65))), 'system is longer than 64 bytes (limits.idBytes)');
    assert.match(
      String(await reason(false, inBody('shop', { system: 'default' }))),
      /the header beside the body names/,
    );
  });

  test('is named by the message where the door is trusted: in the body, or beside it', async () => {
    assert.equal(await reason(true, to('a')), 'shop');
    assert.equal(await reason(true, inBody('default')), 'default');
    assert.equal(await reason(true, to('a', '1', { system: 'default' })), 'default');
    assert.equal(await reason(true, inBody('default', { system: 'default' })), 'default');
    assert.equal(await reason(true, push('default')), 'default');
    assert.match(String(await reason(true, inBody('shop', { system: 'default' }))), /the header beside the body names/);
    assert.match(String(await reason(true, inBody(''))), /system must not be empty/);
    assert.match(String(await reason(true, to('a', '1', { system: '' }))), /system must not be empty/);
  });

  test('that does not exist, or is yunque’s own, takes nothing of the record', async () => {
    assert.match(String(await reason(true, inBody('none'))), /no such system: "none"/);
    assert.match(String(await reason(true, inBody('$probe'))), /no such system: "\$probe"/);
    const body = Buffer.from('[{"Uid":"a","msg":[{}]},{"Uid":"a","system":"none","msg":[{}]}]');
    assert.match(String(await reason(true, { id: '1', body })), /no such system: "none"/);
  });

  test('that a door is bound to and that is not there yet costs no record: they wait, and the door says what is missing', async () => {
    const { door, source, lists, lines, refusals } = openDoor({ system: 'shop' });
    source.become({ state: 'reading' });
    const batch = [to('a', '1'), bad('2')];
    for (let tries = 0; tries < 2; tries += 1) {
      refusals.push(new YunqueError('unknown_system'));
      await assert.rejects(source.take(batch));
    }
    const missing = 'the system shop it is bound to is not there, and what it has read waits: yunque system add shop';
    const { state, failure, parked, retries } = door.figures();
    assert.deepEqual([state, failure, parked, retries], ['failing', missing, 0, 2]);
    assert.deepEqual(lines, [[{ door: 'kafka:chat', failure: missing }, 'a queue door cannot hand on what it reads']]);
    assert.deepEqual(
      (await source.take(batch)).map(({ is }) => is),
      ['done', 'poison'],
    );
    assert.equal(lists.length, 1);
    assert.deepEqual([door.figures().state, door.figures().failure], ['reading', undefined]);
    assert.deepEqual(lines.at(-1), [{ door: 'kafka:chat' }, 'a queue door hands on again']);
  });

  test('of several is one list for each, and a record for two of them is poison where one refuses it', async () => {
    const { source, lists, refusals } = openDoor({ trusted: true });
    const both = Buffer.from('[{"Uid":"x","system":"shop","msg":[{}]},{"Uid":"y","msg":[{}]}]');
    assert.deepEqual(await source.take([to('a'), { id: '1', body: both }, to('b', '2', { system: 'shop' })]), [
      done,
      done,
      done,
    ]);
    assert.deepEqual(
      lists.map(({ system, items }) => [system, items.length]),
      [
        ['default', 2],
        ['shop', 2],
      ],
    );
    refusals.push(undefined, new YunqueError('unknown_system'));
    assert.deepEqual(
      (await source.take([to('a'), { id: '3', body: both }])).map(({ is }) => is),
      ['done', 'poison'],
    );
  });
});

test('how much waits is said by the node that reads', () => {
  const { door, source } = openDoor();
  source.become({ state: 'standby', lag: 7 });
  assert.equal(door.figures().lag, undefined);
  source.become({ state: 'reading', lag: 7 });
  assert.equal(door.figures().lag, 7);
});

test('a queue door says once why it does not read, and that it does again', () => {
  const { source, lines } = openDoor();
  source.become({ state: 'reading' });
  source.become({ state: 'failing', failure: 'ECONNREFUSED' });
  source.become({ state: 'connecting' });
  source.become({ state: 'failing', failure: 'ECONNREFUSED' });
  source.become({ state: 'failing', failure: 'NOAUTH' });
  source.become({ state: 'reading' });
  assert.deepEqual(lines, [
    [{ door: 'kafka:chat', failure: 'ECONNREFUSED' }, 'a queue door does not read'],
    [{ door: 'kafka:chat', failure: 'NOAUTH' }, 'a queue door does not read'],
    [{ door: 'kafka:chat' }, 'a queue door reads again'],
  ]);
});

test('records of a source reach the connections of a node, in order', async () => {
  const node = createFakeNode();
  const alice = await node.login('alice', {}, { dialect: 'json' });
  const queue = new MemoryQueue();
  const { door } = openDoor({ source: new MemorySource(queue), execute: node.execute });
  const texts = Array.from({ length: 300 }, (_, at) => String(at));
  queue.publish(texts.map((title) => ({ body: publicationBytes({ Uid: 'alice', msg: [{ action: title }] }) })));
  await eventually('all are there', () => alice.received.length === 300);
  await door.close();
  assert.deepEqual(
    jsonOf(alice).map(({ msg }) => msg),
    texts,
  );
  assert.deepEqual(node.counters.messagesIn, { stream: 300 });
});
