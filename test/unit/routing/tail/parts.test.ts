import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EncodedForm, Message } from '../../../../src/api/message.ts';
import type { TailItem } from '../../../../src/api/tail.ts';
import { bodyOf } from '../../../../src/routing/tail/body.ts';
import { copyOf } from '../../../../src/routing/tail/copy.ts';
import { CopyBatches } from '../../../../src/routing/tail/copy-batches.ts';
import { cutText } from '../../../../src/routing/tail/cut.ts';
import { redacted, redactedName } from '../../../../src/routing/tail/redact.ts';
import { isSampled } from '../../../../src/routing/tail/sample.ts';
import { SpareTime } from '../../../../src/routing/tail/spare-time.ts';
import { type Seen, Tap } from '../../../../src/routing/tail/tap.ts';
import { createMessageIds } from '../../../../src/util/message-id.ts';
import { eventually } from '../../../support/eventually.ts';

describe('a redacted body', () => {
  test('keeps its shape, and of each value its kind and length', () => {
    const body = '{"to":"alice","n":12,"is":true,"no":null,"list":["ab",{"deep":-1.5}],"empty":{}}';
    assert.equal(
      redacted(body),
      '{"to":"<string 5>","n":"<number 2>","is":"<boolean>","no":"<null>","list":["<string 2>",{"deep":"<number 4>"}],"empty":{}}',
    );
  });

  test('keeps names that are words, and shows of data that is used as a name its length', () => {
    const body =
      '{"+49 151 234":"hi","bob@example.com":1,"eve@example.com":{"user123456":1,"标题":2},"__proto__":{"ok":1},"toJSON":1}';
    assert.equal(
      redacted(body),
      '{"<name 11>":"<string 2>","<name 15>":"<number 1>","<name 15> 2":{"<name 10>":"<number 1>","标题":"<number 1>"},' +
        '"__proto__":{"ok":"<number 1>"},"toJSON":"<number 1>"}',
    );
    assert.equal(redactedName('order/create'), 'order/create');
    assert.equal(redactedName(`k${'e'.repeat(50)}y`), '<name 52>');
    assert.equal(redactedName(''), '<name 0>');
    assert.equal(redacted(`${'['.repeat(100_000)}1${']'.repeat(100_000)}`), '"<text 200001>"');
  });

  test('that is no JSON, or very long, shows its length alone', () => {
    assert.equal(redacted('my secret'), '"<text 9>"');
    assert.equal(redacted(JSON.stringify('x'.repeat(300_000))), '"<text 300002>"');
    assert.equal(redacted('"secret"'), '"<string 6>"');
  });
});

test('what a client calls its request is no word for a reader without bodies, and never long', () => {
  const seen = (key: string): Seen => ({
    ...{ time: 1, system: 'default', direction: 'in', sampledBy: '1', weight: 1 },
    body: () => ({ kind: key, text: '{}' }),
  });
  const kindOf = (key: string, redact: boolean) => copyOf(seen(key), { node: 'n', redact }).kind;
  assert.equal(kindOf('pay 4111111111111111', true), '<name 20>');
  assert.equal(kindOf('order/create', true), 'order/create');
  assert.equal(kindOf('pay 4111111111111111', false), 'pay 4111111111111111');
  assert.equal(kindOf('k'.repeat(60_000), false).length, 256);
});

test('a body is cut between characters, and told whole in bytes', () => {
  assert.deepEqual(cutText('short', 5), { text: 'short', bytes: 5, isCut: false });
  assert.deepEqual(cutText('云雀云雀', 7), { text: '云雀', bytes: 12, isCut: true });
  assert.deepEqual(cutText('😀😀', 6), { text: '😀', bytes: 8, isCut: true });
});

describe('a sample', () => {
  test('is the same wherever it is taken, and about as large as it is to be', () => {
    const next = createMessageIds();
    const ids = Array.from({ length: 20_000 }, next);
    const taken = ids.filter((id) => isSampled(id, 0.1));
    assert.deepEqual(
      ids.filter((id) => isSampled(id, 0.1)),
      taken,
    );
    assert.ok(Math.abs(taken.length - 2000) < 300, String(taken.length));
    assert.ok(taken.every((id) => isSampled(id, 0.2) && isSampled(id, 1)));
  });
});

describe('a body', () => {
  const texts = new Map([['k', 'v']]);
  const messages: [Message, string][] = [
    [
      { kind: 'push', messageId: '1', sendUserId: 's', code: 3, msg: 'm', data: '{"a": 1.0}' },
      '{"sendUserId":"s","code":3,"msg":"m","data":{"a": 1.0}}',
    ],
    [
      {
        ...{
          kind: 'proto',
          messageId: '1',
          id: 9007199254740993n,
          action: 'a',
          content: texts,
          sender: '',
          receiver: 'r',
        },
        ...{ extra: new Map(), title: '', sendTime: 1n, image: '' },
      },
      '{"id":"9007199254740993","action":"a","content":{"k":"v"},"sender":"","receiver":"r","extra":{},"title":"","sendTime":1,"image":""}',
    ],
    [
      {
        ...{ kind: 'cim', messageId: '1', id: 1n, action: 'a', content: 'c', sender: '', receiver: '', extra: '' },
        ...{ title: '', format: 'text', timestamp: 2n },
      },
      '{"id":1,"action":"a","content":"c","sender":"","receiver":"","extra":"","title":"","format":"text","timestamp":2}',
    ],
    [
      { kind: 'notice', messageId: '1', code: 1001, clientId: 'c', userId: 'u', extend: '' },
      '{"code":1001,"clientId":"c","userId":"u","extend":""}',
    ],
    [{ kind: 'replaced', messageId: '1', uid: 'u', deviceName: 'd' }, '{"uid":"u","deviceName":"d"}'],
  ];
  for (const [message, text] of messages) {
    test(`of ${message.kind} is JSON of all its fields`, () => {
      assert.deepEqual(bodyOf(message), { kind: message.kind, text });
      const payload = Buffer.alloc(0);
      const encoded: EncodedForm = { kind: 'encoded', messageId: '1', dialect: 'json', payload, message };
      assert.deepEqual(bodyOf(encoded), { kind: message.kind, text });
    });
  }

  test('of bytes that cannot be read says how many there are', () => {
    const broken: EncodedForm = {
      kind: 'encoded',
      messageId: '1',
      dialect: 'cim',
      payload: Buffer.alloc(7),
      get message(): Message {
        throw new Error('broken');
      },
    };
    assert.deepEqual(bodyOf(broken), { kind: 'encoded', text: '7 bytes of cim that cannot be read' });
  });
});

describe('work in spare time', () => {
  test('is done in its order, and refused where no more may wait', async () => {
    const spare = new SpareTime({ most: 3, mostWeight: 100 });
    const done: number[] = [];
    assert.deepEqual(
      [200, 1, 1].map((weight, at) => spare.add(() => done.push(at), weight)),
      [true, false, false],
      'the first may weigh what it likes; nothing comes beside it',
    );
    await eventually('the first is done', () => done.length === 1);
    assert.deepEqual(
      [1, 1, 1, 1].map((weight, at) => spare.add(() => done.push(at), weight)),
      [true, true, true, false],
    );
    await eventually('all are done', () => done.length === 4);
    assert.deepEqual(done, [0, 0, 1, 2]);
  });

  test('takes a twentieth of the time at most, whether it comes at once or bit by bit', (t) => {
    t.mock.timers.enable({ apis: ['setImmediate', 'setTimeout'] });
    let now = 0;
    const spare = new SpareTime({ now: () => now });
    let done = 0;
    const add = () => {
      const work = () => {
        now += 1.5;
        done += 1;
      };
      spare.add(work, 1);
    };
    const pass = (ms: number) => {
      now += ms;
      t.mock.timers.tick(ms);
    };
    for (let piece = 0; piece < 6; piece += 1) add();
    pass(0);
    assert.equal(done, 2, 'one that was begun in time is ended');
    pass(56);
    assert.equal(done, 2);
    pass(2);
    assert.equal(done, 4);
    pass(58);
    assert.equal(done, 6);
    add();
    pass(0);
    assert.equal(done, 6, 'the pause is kept by what comes later');
    pass(58);
    assert.equal(done, 7);
  });
});

describe('a tap', () => {
  const seen: Seen = {
    ...{ time: 1, system: 'default', direction: 'out', sampledBy: 'a', messageId: 'a', weight: 1 },
    body: () => ({ kind: 'push', text: '{}' }),
  };

  test('takes so many at once and then so many a second, and says a second later what it left out', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const items: TailItem[] = [];
    let now = 1000;
    const tap = new Tap({
      node: 'n1',
      query: { perSecond: 2 },
      onItem: (item) => items.push(item),
      later(work) {
        work();
        return true;
      },
      now: () => now,
    });
    for (let n = 0; n < 5; n += 1) tap.take(seen);
    assert.equal(items.length, 2);
    now += 500;
    tap.take(seen);
    assert.equal(items.length, 3);
    t.mock.timers.tick(1000);
    assert.deepEqual(items.at(-1), { type: 'lost', node: 'n1', count: 3, why: 'rate' });
    t.mock.timers.tick(5000);
    assert.equal(items.length, 4, 'said once');
  });

  test('says what the node had no time for', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const items: TailItem[] = [];
    const tap = new Tap({
      node: 'n1',
      query: {},
      onItem: (item) => items.push(item),
      later: () => false,
      now: () => 1,
    });
    tap.take(seen);
    t.mock.timers.tick(1000);
    assert.deepEqual(items, [{ type: 'lost', node: 'n1', count: 1, why: 'busy' }]);
  });
});

describe('copies for another node', () => {
  const item = (count: number): TailItem => ({ type: 'lost', node: 'n1', count, why: 'rate' });

  test('go together, so many at a time, and those without room are counted', () => {
    const sent: (readonly TailItem[])[] = [];
    const batches = new CopyBatches({ node: 'n1', most: 2, window: 2, send: (items) => sent.push(items) });
    for (let n = 0; n < 9; n += 1) batches.push(item(1));
    assert.deepEqual(
      sent.map((items) => items.length),
      [2, 2],
      'two under way, two wait, three are lost',
    );
    batches.onTaken();
    assert.deepEqual(sent[2], [item(1), item(1), { type: 'lost', node: 'n1', count: 3, why: 'reader' }]);
    batches.close();
  });

  test('few of them go after a moment', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const sent: (readonly TailItem[])[] = [];
    const batches = new CopyBatches({ node: 'n1', waitMs: 20, send: (items) => sent.push(items) });
    batches.push(item(1));
    assert.equal(sent.length, 0);
    t.mock.timers.tick(20);
    assert.deepEqual(sent, [[item(1)]]);
  });
});
