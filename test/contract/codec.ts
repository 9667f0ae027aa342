import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClientFrame, type Codec, DecodeError, type Reply } from '../../src/wire/codec.ts';
import { frame, opcodes } from '../../src/wire/frame.ts';
import { oddMessages, sampleMessages } from '../support/messages.ts';
import { createRandom, pick } from '../support/random.ts';
import { wsFrame } from '../support/ws-frame.ts';

const oddReplies: readonly Reply[] = ['', '200', '云雀', '\ud800', '__proto__', '9'.repeat(30), '\0"\\'].map(
  (text) => ({
    key: text,
    code: text,
    message: text,
    timestamp: -(2n ** 63n),
    data: new Map([
      [text, text],
      ['__proto__', 'x'],
    ]),
  }),
);

const decodes = 20_000;

/** What every codec guarantees. `requests` are valid payloads of clients, the seeds of the damaged ones. */
export function testCodec(codec: Codec, requests: readonly Buffer[]): void {
  const { dialect, binary } = codec;
  const payloads = () => [...sampleMessages, ...oddMessages].flatMap((message) => codec.encode(message) ?? []);

  test(`${dialect}: every message is encoded, only json has no form for a replaced one`, () => {
    for (const message of [...sampleMessages, ...oddMessages]) {
      assert.equal(
        codec.encode(message) === undefined,
        dialect === 'json' && message.kind === 'replaced',
        message.kind,
      );
    }
  });

  test(`${dialect}: encoding is pure: the same bytes in a new buffer each time, and the message as it was`, () => {
    for (const message of [...sampleMessages, ...oddMessages]) {
      const before = structuredClone(message);
      const first = codec.encode(message);
      const second = codec.encode(message);
      if (first === undefined || second === undefined) continue;
      assert.ok(first.equals(second));
      const copy = Buffer.from(second);
      first.fill(0);
      assert.ok(second.equals(copy), 'the two share no memory');
      assert.deepEqual(message, before);
    }
  });

  test(`${dialect}: frames around its payloads are byte for byte those of ws`, () => {
    const opcode = binary ? opcodes.binary : opcodes.text;
    for (const payload of [...payloads(), ...oddReplies.map((reply) => codec.encodeReply(reply))]) {
      assert.ok(frame(payload, opcode).equals(wsFrame(payload, opcode)));
    }
  });

  test(`${dialect}: replies of any text are encoded`, () => {
    for (const reply of oddReplies) assert.ok(codec.encodeReply(reply).length > 0);
  });

  if (!binary) {
    test(`${dialect}: everything it sends is JSON in valid UTF-8`, () => {
      const decoder = new TextDecoder('utf-8', { fatal: true });
      const sent = [...payloads(), ...oddReplies.map((reply) => codec.encodeReply(reply)), codec.ping, codec.pong];
      for (const payload of sent) if (payload !== undefined) JSON.parse(decoder.decode(payload));
    });
  }

  test(`${dialect}: a request is understood, from a window into a larger buffer as well`, () => {
    for (const request of requests) {
      const expected = codec.decode(request, binary);
      assert.equal(expected.type, 'request');
      const window = Buffer.concat([Buffer.from('xx'), request, Buffer.from('yy')]).subarray(2, 2 + request.length);
      assert.deepEqual(codec.decode(window, binary), expected);
    }
  });

  test(`${dialect}: nothing of the payload is held after decoding`, () => {
    for (const request of requests) {
      const payload = Buffer.from(request);
      const frameOfClient = codec.decode(payload, binary);
      const before = structuredClone(frameOfClient);
      payload.fill(0xff);
      assert.deepEqual(frameOfClient, before);
    }
  });

  test(`${dialect}: the other kind of WebSocket message is refused or ignored`, () => {
    for (const request of requests) {
      const decoded = decodeOrRefuse(codec, request, !binary);
      assert.ok(decoded === undefined || decoded.type === 'ignored');
    }
  });

  test(`${dialect}: what only servers send is not taken from a client`, () => {
    const ours = sampleMessages.flatMap((message) => codec.encode(message) ?? []);
    const replies = oddReplies.map((reply) => codec.encodeReply(reply));
    const sent = [...ours, ...replies, ...(dialect === 'json' || codec.ping === undefined ? [] : [codec.ping])];
    for (const payload of sent) {
      const decoded = decodeOrRefuse(codec, payload, binary);
      // A json reply has the shape of a request; the dialect cannot tell, and nobody is harmed.
      assert.ok(decoded === undefined || dialect === 'json', payload.toString('latin1'));
    }
  });

  test(`${dialect}: any bytes decode or are refused with a DecodeError and nothing else, and pollute nothing`, () => {
    const random = createRandom(20_260_102);
    const counts = { decoded: 0, refused: 0 };
    for (let i = 0; i < decodes; i++) {
      const payload = i % 4 === 0 ? noise(random) : damage(random, requests[pick(random, requests.length)]);
      const decoded = decodeOrRefuse(codec, payload, random() < 0.95 ? binary : !binary);
      if (decoded === undefined) counts.refused++;
      else {
        counts.decoded++;
        checkShape(decoded);
      }
    }
    assert.deepEqual(Object.keys(Object.prototype), []);
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
    assert.ok(counts.decoded > 100, `${counts.decoded} decoded`);
    assert.ok(dialect === 'json' ? counts.refused === 0 : counts.refused > 100, `${counts.refused} refused`);
  });
}

/** Undefined when refused as promised. */
function decodeOrRefuse(codec: Codec, payload: Buffer, isBinary: boolean): ClientFrame | undefined {
  try {
    return codec.decode(payload, isBinary);
  } catch (error) {
    assert.ok(error instanceof DecodeError, `${payload.toString('hex')}: ${String(error)}`);
    assert.equal(error.name, 'DecodeError');
    return undefined;
  }
}

function checkShape(decoded: ClientFrame): void {
  if (decoded.type !== 'request') return;
  assert.equal(typeof decoded.key, 'string');
  assert.equal(typeof decoded.timestamp, 'bigint');
  assert.equal(BigInt.asIntN(64, decoded.timestamp), decoded.timestamp);
  assert.ok(decoded.data instanceof Map);
  for (const [key, value] of decoded.data) assert.ok(typeof key === 'string' && typeof value === 'string');
}

function noise(random: () => number): Buffer {
  const bytes = Buffer.from(Array.from({ length: pick(random, 40) }, () => pick(random, 256)));
  // Half of it with a type byte that leads somewhere.
  if (bytes.length > 0 && random() < 0.5) bytes[0] = 3;
  return bytes;
}

/** A valid payload cut, lengthened, or with some bytes changed. */
function damage(random: () => number, request: Buffer = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.from(request);
  for (let n = pick(random, 4); n > 0 && bytes.length > 0; n--) bytes[pick(random, bytes.length)] = pick(random, 256);
  const kind = pick(random, 4);
  if (kind === 0) return bytes.subarray(0, pick(random, bytes.length + 1));
  if (kind === 1) return Buffer.concat([bytes, noise(random)]);
  if (kind === 2) {
    const at = pick(random, bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), noise(random), bytes.subarray(at)]);
  }
  return bytes;
}
