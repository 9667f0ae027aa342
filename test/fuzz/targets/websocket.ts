import assert from 'node:assert/strict';
import { type Dialect, dialects, subprotocols } from '../../../src/api/dialect.ts';
import { errorTable } from '../../../src/api/errors.ts';
import { codecs } from '../../../src/wire/codecs/index.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestNode } from '../../support/node.ts';
import { pick, pickOf } from '../../support/random.ts';
import { opcode, ServerFrames } from '../../support/raw-frames.ts';
import { paths } from '../../support/ws-clients.ts';
import { createAddresses, exchange, stackTrace } from '../exchange.ts';
import { mutate, noise } from '../mutate.ts';
import type { OpenTarget, Random, Target } from '../target.ts';
import { clientPayload, clientSamples } from './codecs.ts';

const samples = Object.fromEntries(dialects.map((dialect) => [dialect, clientSamples(dialect)]));
const opcodes: [number, ...number[]] = [0xf, 0xb, 7, 3, ...Object.values(opcode)];
const oddHeaders = [
  ...[
    'Sec-WebSocket-Version: 7',
    'Sec-WebSocket-Key: short',
    'Sec-WebSocket-Protocol: ,',
    'Origin: http://evil.example',
  ],
  ...['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits', 'X-Forwarded-For: 1.2.3.4'],
  ...['Content-Length: 10', 'Transfer-Encoding: chunked', 'Host: evil.example', 'Sec-WebSocket-Protocol: a, b;, "c'],
].map((text) => Buffer.from(text));
const queries = [
  ...Array.from({ length: 24 }, () => ''),
  ...[
    '?systemId=default',
    '?systemId=default&x=%E4%BA%91',
    '?systemId=nowhere',
    '?systemId=%ff',
    '?token=abc',
    '?systemId=__proto__&&',
  ],
];

/** An upgrade and frames behind it: valid ones, ones with wrong bits, lengths, order or content, and noise. */
export const websocketTarget: Target = {
  name: 'WebSocket',
  count: 80_000,
  concurrency: 32,
  maxGrowthBytes: 24 * 1024 * 1024,
  generate,
  async open(): Promise<OpenTarget> {
    const node = await startTestNode();
    const nextAddress = createAddresses();
    return {
      async run(input) {
        const options = { port: node.port, localAddress: nextAddress(), isEndless: () => false };
        judge(
          await exchange(input, {
            ...options,
            isWhole: hasCloseFrame,
          }),
        );
      },
      async close() {
        await eventually('nobody is left', async () => {
          const [stats] = (await node.admin.stats()).nodes;
          return stats?.connections === 0 && stats.pending === 0;
        });
        assert.equal((await fetch(`${node.url}/readyz`)).status, 200);
        await node[Symbol.asyncDispose]();
      },
    };
  },
};

function generate(random: Random): Buffer {
  const dialect = pickOf(random, dialects as unknown as [Dialect]);
  const upgrade = makeUpgrade(random, dialect);
  const frames = Array.from({ length: pick(random, 5) }, () => makeFrame(random, dialect));
  const last = random() < 0.7 ? [frameOf(random, opcode.close, Buffer.from([3, 0xe8]))] : [];
  const behind = Buffer.concat([...frames, ...last]);
  return Buffer.concat([upgrade, random() < 0.15 ? mutate(random, [behind]) : behind]);
}

function makeUpgrade(random: Random, dialect: Dialect): Buffer {
  const path = `${paths[dialect]}${pickOf(random, queries as [string])}`;
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  if (random() < 0.2) lines.push(`Sec-WebSocket-Protocol: ${pickOf(random, Object.keys(subprotocols) as [string])}`);
  if (random() < 0.05) lines.push(mutate(random, oddHeaders).toString('latin1'));
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return random() < 0.04 ? mutate(random, [bytes], oddHeaders) : bytes;
}

function makeFrame(random: Random, dialect: Dialect): Buffer {
  const payload = clientPayload(random, dialect, samples[dialect] ?? []);
  const usual = codecs[dialect].binary ? opcode.binary : opcode.text;
  return frameOf(random, random() < 0.85 ? usual : pickOf(random, opcodes), payload);
}

/** RFC 6455 section 5.2; one in ten has a wrong bit or length. */
function frameOf(random: Random, code: number, payload: Buffer): Buffer {
  const odd = random() < 0.1 ? pick(random, 5) : -1;
  const first = (odd === 0 ? 0 : 0x80) | (odd === 1 ? 0x10 << pick(random, 3) : 0) | code;
  const flag = odd === 2 ? 0 : 0x80;
  const length = odd === 3 ? pick(random, 2 ** 31) : payload.length;
  let head: Buffer;
  if (length < 126 && odd !== 4) head = Buffer.from([first, flag | length]);
  else if (length < 0x10000) head = Buffer.from([first, flag | 126, length >> 8, length & 0xff]);
  else {
    head = Buffer.from([first, flag | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  if (flag === 0) return Buffer.concat([head, payload]);
  const mask = noise(random, 4);
  return Buffer.concat([head, mask, payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

/** Whatever the server sends is HTTP below 500 or whole frames, and never says that the fault is ours. */
function judge(answer: Buffer): void {
  const text = answer.toString('latin1');
  assert.doesNotMatch(text, stackTrace, 'a stack trace in an answer');
  if (answer.length === 0) return;
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
  assert.ok(status !== undefined && Number(status) < 500, `answered ${text.slice(0, 400)}`);
  // Its code alone may be the echo of a client's.
  assert.ok(!text.includes(errorTable.internal.message), 'closed for a fault of ours');
}

function hasCloseFrame(answer: Buffer): boolean {
  return new ServerFrames().take(answer).some((frame) => frame.opcode === opcode.close);
}
