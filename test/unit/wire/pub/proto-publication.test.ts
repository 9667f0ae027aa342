import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { YunqueError } from '../../../../src/api/errors.ts';
import { codecs } from '../../../../src/wire/codecs/index.ts';
import { EncodedMessage } from '../../../../src/wire/encoded-message.ts';
import { decodeBody } from '../../../../src/wire/pub/decode-body.ts';
import type { ActPublication } from '../../../../src/wire/pub/publication.ts';
import { sampleProto } from '../../../support/messages.ts';
import { messageBytes, publicationBytes, publicationRules } from '../../../support/publication.ts';
import { createRandom, pick } from '../../../support/random.ts';

function decode(body: Buffer, more: Partial<typeof publicationRules> = {}): ActPublication {
  const [publication, ...others] = decodeBody(body, { ...publicationRules, ...more });
  assert.equal(others.length, 0);
  assert.ok(publication?.form === 'act');
  return publication;
}

function refusal(body: Buffer, more: { batch?: number } = {}): YunqueError {
  try {
    decodeBody(body, { ...publicationRules, ...more });
  } catch (error) {
    assert.ok(error instanceof YunqueError && error.code === 'bad_request', String(error));
    return error;
  }
  throw new Error(`taken: ${body.toString('hex')}`);
}

/** A field of wire type 2. */
function delimited(field: number, content: Buffer): Buffer {
  assert.ok(content.length < 128);
  return Buffer.concat([Buffer.from([(field << 3) | 2, content.length]), content]);
}

describe('a MessagesPubProto as protobuf', () => {
  test('has the fields that generated classes wrote', () => {
    const whole = decode(
      publicationBytes({
        Uid: 'a,云雀',
        Sid: 'n1',
        Cid: 2n ** 52n + 1n,
        act: 3,
        type: 2,
        system: 'shop',
        msg: [{}, {}],
      }),
    );
    const { messages, ...fields } = whole;
    const cid = 2n ** 52n + 1n;
    assert.deepEqual(fields, {
      form: 'act',
      at: '',
      system: 'shop',
      uids: 'a,云雀',
      sids: 'n1',
      cid,
      act: 'SENDUIDDID',
    });
    assert.equal(messages.length, 2);
    const { act, system, uids, sids, cid: none } = decode(publicationBytes({}));
    assert.deepEqual(
      { act, system, uids, sids, none },
      { act: undefined, system: undefined, uids: '', sids: '', none: 0n },
    );
    assert.equal(decode(publicationBytes({ act: 0 })).act, 'SENDALL');
    assert.equal(decode(publicationBytes({ Cid: -1n })).cid, -1n);
    assert.equal(decode(publicationBytes({ Cid: 2n ** 63n - 1n })).cid, 2n ** 63n - 1n);
  });

  test('hands on the bytes of its messages as they came, and reads them when somebody asks', () => {
    const bytes = messageBytes({ id: 2n ** 63n - 1n, receiver: 'bob 云雀' });
    const unknown = Buffer.from([0x98, 0x06, 0x01]);
    const body = delimitedMessage(Buffer.concat([unknown, bytes]));
    const [only] = decode(body).messages;
    assert.equal(only?.receiver, 'bob 云雀');
    const { message } = only;
    assert.ok(message instanceof EncodedMessage);
    assert.deepEqual(message.payload, Buffer.concat([Buffer.from([2]), unknown, bytes]));
    const { messageId } = message;
    assert.deepEqual(message.message, { ...sampleProto, messageId, id: 2n ** 63n - 1n, receiver: 'bob 云雀' });
    assert.deepEqual(JSON.parse(String(codecs.json.encode(message.message))).data.id, '9223372036854775807');
    body.fill(0);
    assert.equal(only.receiver, 'bob 云雀', 'the body may be used for something else');
  });

  test('passes over fields it does not know, and takes the last of those given twice', () => {
    const more = Buffer.concat([
      Buffer.from([0x98, 0x06, 0x96, 0x01]),
      Buffer.from([0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8]),
      Buffer.from([0xad, 0x06, 1, 2, 3, 4]),
      Buffer.from([0xb2, 0x06, 2, 0xff, 0xff]),
    ]);
    const publication = decode(Buffer.concat([publicationBytes({ Uid: 'a' }), more, delimited(1, Buffer.from('b'))]));
    assert.equal(publication.uids, 'b');
    assert.equal(publication.messages.length, 1);
  });

  test('that is no such thing is refused with the field', () => {
    const message = (...bytes: number[]) => delimited(4, Buffer.from(bytes));
    const cases: readonly [string | undefined, Buffer][] = [
      [undefined, Buffer.alloc(0)],
      ['Uid', delimited(1, Buffer.from([0xff, 0xfe]))],
      ['system', delimited(7, Buffer.from([0xc3]))],
      ['Uid', Buffer.from([0x0a, 0x05, 0x61])],
      ['Uid', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])],
      ['Uid', Buffer.from([0x08, 0x01])],
      ['Cid', Buffer.from([0x18, ...Array.from({ length: 10 }, () => 0xff), 0x01])],
      ['act', Buffer.from([0x28, 0x08])],
      ['act', Buffer.from([0x28, ...Array.from({ length: 9 }, () => 0xff), 0x01])],
      ['type', Buffer.from([0x30, 0x05])],
      [undefined, Buffer.from([0x00, 0x00])],
      [undefined, Buffer.from([0x7b - 0x10, 0x00])],
      [undefined, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f])],
      ['msg[0].action', message(0x12, 0x02, 0xc3, 0x28)],
      ['msg[0].action', message(0x12, 0x7f)],
      ['msg[0].id', message(0x0a, 0x00)],
      ['msg[0].content', message(0x1a, 0x03, 0x0a, 0x05, 0x61)],
      ['msg[0].content', message(0x1a, 0x04, 0x12, 0x02, 0xff, 0xff)],
      ['msg[0].extra', message(0x32, 0x02, 0x08, 0x01)],
      ['msg[1].title', Buffer.concat([message(), message(0x3a, 0x01, 0x80)])],
      ['msg[0]', message(0x80)],
      ['msg[0]', message(0x63)],
    ];
    for (const [field, body] of cases) assert.equal(refusal(body).field, field, body.toString('hex'));
    assert.match(refusal(Buffer.from('hello')).hint ?? '', /first byte/);
  });

  test('has as many messages as a batch may', () => {
    const body = publicationBytes({ msg: [{}, {}, {}] });
    assert.equal(decode(body, { batch: 3 as 1000 }).messages.length, 3);
    assert.match(refusal(body, { batch: 2 }).message, /more than 2 messages \(limits\.batch\)/);
    const many = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at % 2 === 0 ? 0x22 : 0)));
    assert.equal(refusal(many).field, 'msg');
  });

  test('cut off anywhere is refused, or a shorter one', () => {
    const body = publicationBytes({ Uid: 'a,b', Cid: 5n, act: 1, msg: [{}, { title: '云雀' }] });
    for (let length = 0; length < body.length; length += 1) {
      const part = body.subarray(0, length);
      try {
        decode(part);
      } catch (error) {
        assert.ok(error instanceof YunqueError && error.code === 'bad_request', String(error));
      }
    }
  });

  test('changed at random is refused, or its messages are read by every dialect', () => {
    const random = createRandom(28);
    const whole = publicationBytes({ Uid: 'a', act: 5, msg: [{ receiver: 'b' }, { content: new Map([['k', '{}']]) }] });
    for (let round = 0; round < 20_000; round += 1) {
      const body = Buffer.from(whole);
      for (let change = pick(random, 4); change >= 0; change -= 1) body[pick(random, body.length)] = pick(random, 256);
      try {
        for (const publication of decodeBody(body, publicationRules)) {
          assert.ok(publication.form === 'act');
          for (const { message, receiver } of publication.messages) {
            assert.ok(message.kind === 'encoded');
            assert.equal(typeof receiver, 'string');
            assert.ok(message.message.kind === 'proto' && message.message.receiver === receiver);
            for (const codec of Object.values(codecs)) assert.ok(codec.encode(message.message));
          }
        }
      } catch (error) {
        assert.ok(
          error instanceof YunqueError && error.code === 'bad_request',
          `${String(error)}: ${body.toString('hex')}`,
        );
      }
    }
  });

  test('of garbage, of nested groups and of endless lengths is refused at once', () => {
    const random = createRandom(50);
    for (let round = 0; round < 5000; round += 1) {
      const body = Buffer.from(Array.from({ length: 1 + pick(random, 40) }, () => pick(random, 256)));
      try {
        decodeBody(body, publicationRules);
      } catch (error) {
        assert.ok(error instanceof YunqueError && error.code === 'bad_request', String(error));
      }
    }
    refusal(Buffer.alloc(100_000, 0x23));
    refusal(Buffer.alloc(100_000, 0xff));
  });
});

function delimitedMessage(content: Buffer): Buffer {
  const length = content.length < 128 ? [content.length] : [(content.length & 0x7f) | 0x80, content.length >>> 7];
  return Buffer.concat([Buffer.from([0x22, ...length]), content]);
}
