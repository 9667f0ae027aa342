import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Sent } from '../../../src/bus/cluster/sent.ts';

const mebibyte = 1024 * 1024;

function addTo(sent: Sent, bytes: number): { readonly bytes: WeakRef<Buffer>; readonly isAnswered: () => boolean } {
  let isAnswered = false;
  const buffer = Buffer.alloc(bytes);
  const resolve = () => {
    isAnswered = true;
  };
  sent.add({
    bytes: buffer,
    sentAt: 0,
    pushes: [{ waiting: new Set(['n2']), receipts: new Map(), resolve }],
  });
  return { bytes: new WeakRef(buffer), isAnswered: () => isAnswered };
}

test('of what was broadcast the newest 16 MiB are held, and the answers of what is older are still taken', async () => {
  const sent = new Sent(1);
  const all = [9, 9, 9].map((size) => addTo(sent, size * mebibyte));
  await turn();
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  assert.deepEqual(
    all.map(({ bytes }) => bytes.deref()?.length),
    [undefined, undefined, 9 * mebibyte],
  );
  assert.deepEqual(
    [...sent.between(1, 4)].map(({ length }) => length),
    [9 * mebibyte],
  );
  sent.answered(1, 0, 'n2', { matched: 0 } as never);
  assert.deepEqual(
    all.map(({ isAnswered }) => isAnswered()),
    [true, false, false],
  );
  sent.giveUp(Number.POSITIVE_INFINITY);
  addTo(sent, 9 * mebibyte);
  addTo(sent, 6 * mebibyte);
  assert.equal([...sent.between(1, 6)].length, 2, 'what was given up is not counted twice');
});
