import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { codecs } from '../../src/wire/codecs/index.ts';
import { oddMessages, sampleMessages } from '../support/messages.ts';
import { requireTool } from '../support/tool.ts';
import { vector, vectorFolder } from '../support/vectors.ts';

const protoFolder = resolve(import.meta.dirname, '../../src/wire/proto');

/** What protoc prints for bytes of a message type, as text format. */
async function decodeWithProtoc(type: string, bytes: Buffer): Promise<string> {
  const protoc = await requireTool('protoc', 'protobuf-compiler');
  const schema = `${type.split('.')[0]}.proto`;
  const child = spawn(protoc, [`--proto_path=${protoFolder}`, `--decode=${type}`, schema]);
  child.stdin.end(bytes);
  const [out, complaint] = await Promise.all([buffer(child.stdout), buffer(child.stderr)]);
  // protoc complains about text that is not UTF-8 and goes on.
  assert.equal(complaint.toString(), '');
  return out.toString();
}

test('the committed vectors are what protoc makes of the text beside them', async (t) => {
  await requireTool('protoc', 'protobuf-compiler');
  const out = await mkdtemp(join(tmpdir(), 'yunque-vectors-'));
  t.after(() => rm(out, { recursive: true, force: true }));
  await promisify(execFile)(join(vectorFolder, 'make.sh'), [out]);
  const made = (await readdir(out)).sort();
  const committed = (await readdir(vectorFolder)).filter((name) => name.endsWith('.hex')).sort();
  assert.deepEqual(made, committed);
  assert.ok(made.length >= 20);
  for (const name of made) {
    assert.equal(await readFile(join(out, name), 'utf8'), await readFile(join(vectorFolder, name), 'utf8'), name);
  }
});

for (const [codec, type] of [
  [codecs.yunque, 'yunque.MessageProto'],
  [codecs.cim, 'cim.Message'],
] as const) {
  test(`protoc reads every ${type} we encode`, async () => {
    const payloads = [...sampleMessages, ...oddMessages.slice(0, 24)].map((message) => codec.encode(message));
    await Promise.all(
      payloads.map(async (payload) => {
        assert.equal(payload?.[0], 2);
        await decodeWithProtoc(type, payload?.subarray(1) ?? Buffer.alloc(0));
      }),
    );
  });
}

test('protoc reads our encoding as it reads its own', async () => {
  const content = new Map([
    ['nested', '{"a":[1,2.50]}'],
    ['text', 'hello'],
  ]);
  const sample = sampleMessages.find((message) => message.kind === 'proto');
  assert.ok(sample?.kind === 'proto');
  const ours = codecs.yunque.encode({ ...sample, content, image: 'https://example.org/a.png' }) ?? Buffer.alloc(0);
  assert.equal(
    await decodeWithProtoc('yunque.MessageProto', ours.subarray(1)),
    await decodeWithProtoc('yunque.MessageProto', vector('yunque.MessageProto.full')),
  );
});

test('protoc reads our replies', async () => {
  const reply = { key: 'k', code: '404', message: '无', timestamp: -1n, data: new Map([['__proto__', '']]) };
  for (const [codec, type] of [
    [codecs.yunque, 'yunque.ReplyBodyProto'],
    [codecs.cim, 'cim.ReplyBody'],
  ] as const) {
    const text = await decodeWithProtoc(type, codec.encodeReply(reply).subarray(1));
    assert.match(
      text,
      /^key: "k"\ncode: "404"\nmessage: "[^"]+"\ntimestamp: -1\ndata \{\n {2}key: "__proto__"\n {2}value: ""\n\}\n$/,
    );
  }
});
