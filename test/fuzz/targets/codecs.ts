import assert from 'node:assert/strict';
import type { Dialect } from '../../../src/api/dialect.ts';
import { DecodeError } from '../../../src/wire/codec.ts';
import { codecs } from '../../../src/wire/codecs/index.ts';
import { sampleMessages } from '../../support/messages.ts';
import { writePong, writeRequest } from '../../support/ws-decode.ts';
import { makeJson, mutate, noise } from '../mutate.ts';
import { pureTarget, type Random, type Target } from '../target.ts';

const names = ['key', 'data', 'type', 'content', 'timestamp', 'uid', 'deviceId', 'channel'];

/** What a client of the dialect sends, as it should be. */
export function clientSamples(dialect: Dialect): Buffer[] {
  const requests = [
    writeRequest(dialect, 'client_bind', {
      uid: 'alice',
      channel: 'android',
      deviceId: 'd1',
      deviceName: '华为 "pro"',
    }),
    writeRequest(dialect, 'client_bind', { uid: 'bob', token: 'abc', language: 'zh-CN' }),
    writeRequest(dialect, 'orders', { page: '1', '': '', __proto__x: '2' }),
    writeRequest(dialect, 'client_closed', {}),
  ];
  return [...requests, dialect === 'json' ? Buffer.from('{"key":"ping"}') : writePong(dialect)];
}

export function clientPayload(random: Random, dialect: Dialect, samples: readonly Buffer[]): Buffer {
  const kind = random();
  if (kind < 0.1) return noise(random, Math.floor(random() * 60));
  if (kind > 0.3 || codecs[dialect].binary) return mutate(random, samples);
  const body = makeJson(random, names);
  return Buffer.from(dialect === 'json' ? body : `{"type":3,"content":${JSON.stringify(body)}}`);
}

/** The first byte of an input says whether the frame is binary, the rest is the payload. */
export const codecTargets: readonly Target[] = Object.values(codecs).map((codec) => {
  const ours = sampleMessages.flatMap((message) => codec.encode(message) ?? []);
  const samples = [...clientSamples(codec.dialect), ...ours];
  const generate = (random: Random) => {
    const isBinary = random() < 0.97 ? codec.binary : !codec.binary;
    return Buffer.concat([Buffer.from([isBinary ? 1 : 0]), clientPayload(random, codec.dialect, samples)]);
  };
  return pureTarget(`codec ${codec.dialect}`, 125_000, generate, (input) => {
    let frame: ReturnType<typeof codec.decode>;
    try {
      frame = codec.decode(input.subarray(1), input[0] === 1);
    } catch (error) {
      if (error instanceof DecodeError) return;
      throw error;
    }
    if (frame.type !== 'request') return;
    assert.equal(typeof frame.key, 'string');
    assert.equal(BigInt.asIntN(64, frame.timestamp), frame.timestamp);
    for (const [key, value] of frame.data) assert.ok(typeof key === 'string' && typeof value === 'string');
  });
});
