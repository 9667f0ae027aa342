import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dialects } from '../../../src/api/dialect.ts';
import { decodePush, encodePush } from '../../../src/wire/cluster/push.ts';
import { DecodeError } from '../../../src/wire/codec.ts';
import { codecs } from '../../../src/wire/codecs/index.ts';
import { EncodedMessage, encodeOwn } from '../../../src/wire/encoded-message.ts';
import { type Codecs, PreparedMessage } from '../../../src/wire/prepared-message.ts';
import { payloadOf } from '../../support/fake-node.ts';
import { oddMessages, sampleCim, sampleMessages, sampleProto, samplePush } from '../../support/messages.ts';

const push = { system: 's', target: { to: 'system' } } as const;

/** What another node makes of it. */
const sent = (message: Parameters<typeof encodeOwn>[0]) => {
  const own = encodeOwn(message, codecs);
  return { own, there: decodePush(encodePush({ ...push, message: own })).message };
};

/** Codecs that note for which dialect they were asked. */
function noting(): { readonly asked: string[]; readonly codecs: Codecs } {
  const asked: string[] = [];
  const noted = Object.entries(codecs).map(([dialect, codec]) => {
    const encode: typeof codec.encode = (message) => {
      asked.push(dialect);
      return codec.encode(message);
    };
    return [dialect, { ...codec, encode }];
  });
  return { asked, codecs: Object.fromEntries(noted) as Codecs };
}

describe('a message on its way between nodes', () => {
  test('gives every client the same bytes on whichever node it is, in every dialect', () => {
    const withBytes = oddMessages.filter(({ kind }) => kind !== 'notice' && kind !== 'replaced');
    for (const message of [...sampleMessages, ...withBytes.map((odd) => ({ ...odd, messageId: '1' }))]) {
      const { own, there } = sent(message);
      for (const dialect of dialects) {
        const [here, other] = [own, there].map((each) => new PreparedMessage(each, codecs).frameFor(dialect));
        assert.deepEqual(other, here, `${message.kind} for ${dialect}`);
      }
    }
  });

  test('is what it was, where its texts are Unicode', () => {
    for (const message of sampleMessages) {
      const { there } = sent(message);
      assert.deepEqual(there instanceof EncodedMessage ? there.message : there, message);
    }
  });

  for (const [message, dialect] of [
    [samplePush, 'json'],
    [sampleProto, 'yunque'],
    [sampleCim, 'cim'],
  ] as const) {
    test(`of kind ${message.kind} is encoded once, by the node it came in on, for all who speak ${dialect}`, () => {
      const first = noting();
      const own = encodeOwn(message, first.codecs) as EncodedMessage;
      new PreparedMessage(own, first.codecs).frameFor(dialect);
      assert.deepEqual(first.asked, [dialect]);
      const bytes = encodePush({ ...push, message: own });
      const there = decodePush(bytes).message as EncodedMessage;
      assert.equal(there.payload.buffer, bytes.buffer, 'the bytes are those that came');
      const second = noting();
      const frame = new PreparedMessage(there, second.codecs).frameFor(dialect);
      assert.deepEqual(second.asked, []);
      assert.deepEqual(payloadOf(frame as Buffer), codecs[dialect].encode(message));
    });
  }

  test('keeps the order of its maps, names that look like numbers too', () => {
    const content = new Map([
      ['10', 'ten'],
      ['9', 'nine'],
      ['__proto__', 'x'],
    ]);
    const { there } = sent({ ...sampleProto, content });
    assert.deepEqual([...((there as EncodedMessage).message as typeof sampleProto).content], [...content]);
  });

  test('whose bytes are no message reaches those of its own dialect, and is dropped for the others', () => {
    for (const dialect of ['json', 'yunque', 'cim'] as const) {
      for (const payload of ['', '{}', '{"data":1}', '\u0002\u0012\u00ff', '\u0001x']) {
        const broken = new EncodedMessage('1', dialect, Buffer.from(payload, 'latin1'));
        assert.throws(() => broken.message, DecodeError, JSON.stringify(payload));
        const prepared = new PreparedMessage(broken, codecs);
        assert.equal(prepared.frameFor('cim-json'), undefined);
        assert.ok(prepared.frameFor(dialect));
      }
    }
  });
});
