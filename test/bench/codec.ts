// What one encode and one decode cost, per codec: `node test/bench/codec.ts`. Nanoseconds, the best of several rounds.
import { pathToFileURL } from 'node:url';
import { dialects } from '../../src/api/dialect.ts';
import type { Message } from '../../src/api/message.ts';
import { splitObject } from '../../src/util/raw-json.ts';
import { codecs } from '../../src/wire/codecs/index.ts';
import { parseMessageProto } from '../../src/wire/message-json.ts';

const rounds = 7;
const callsPerRound = 50_000;

const push: Message = {
  kind: 'push',
  messageId: '5b4646dd8328f4b1',
  sendUserId: '1001',
  code: 0,
  msg: 'a message',
  data: '{"text":"hello, this is a push of ordinary length","list":[1,2,3],"price":1.0}',
};

const proto: Message = {
  kind: 'proto',
  messageId: '5b4646dd8328f4b1',
  id: 748n,
  action: 'chat',
  content: new Map([
    ['text', 'hello, this is a message of ordinary length'],
    ['问候', '你好，世界'],
  ]),
  sender: '1001',
  receiver: '1002',
  extra: new Map([['k', 'v']]),
  title: 'a title',
  sendTime: 1_720_000_000_000n,
  image: '',
};

const bind = {
  json: Buffer.from('{"key":"chat","data":{"to":"1002","text":"hello","n":1.0}}'),
  yunque: Buffer.from(
    '030a0b636c69656e745f62696e641080e0f4bf87321a0e0a076368616e6e656c12037765621a0b0a03756964120431303031',
    'hex',
  ),
  'cim-json': Buffer.from(
    JSON.stringify({ type: 3, content: '{"key":"client_bind","timestamp":1,"data":{"uid":"1001","channel":"web"}}' }),
  ),
};

const messageBody =
  '{"id":748,"action":"chat","content":{"text":"hello","nested":{"a":[1,2.50]}},"sender":"1001","receiver":"1002",' +
  '"title":"a title","sendTime":1720000000000}';

function nanosecondsPer(call: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const startedAt = process.hrtime.bigint();
    for (let i = 0; i < callsPerRound; i++) call();
    best = Math.min(best, Number(process.hrtime.bigint() - startedAt) / callsPerRound);
  }
  return Math.round(best);
}

export function measureCodecs(): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const dialect of dialects) {
    const codec = codecs[dialect];
    const frame = bind[dialect === 'cim' ? 'yunque' : dialect];
    figures[`${dialect} encode push`] = nanosecondsPer(() => codec.encode(push));
    figures[`${dialect} encode proto`] = nanosecondsPer(() => codec.encode(proto));
    figures[`${dialect} decode request`] = nanosecondsPer(() => codec.decode(frame, codec.binary));
  }
  figures['splitObject of a MessageProto body'] = nanosecondsPer(() => splitObject(messageBody));
  figures['JSON.parse of the same'] = nanosecondsPer(() => JSON.parse(messageBody));
  figures['parseMessageProto of the same'] = nanosecondsPer(() => parseMessageProto(messageBody, '5b4646dd8328f4b1'));
  return figures;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [name, nanoseconds] of Object.entries(measureCodecs())) {
    process.stdout.write(`${name.padEnd(40)} ${String(nanoseconds).padStart(6)} ns\n`);
  }
}
