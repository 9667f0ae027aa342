import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox } from '../../../src/bus/inbox.ts';
import { eventually } from '../../support/eventually.ts';

/** Takes all the time there is in one turn. */
function takeLong(): void {
  for (const end = performance.now() + 12; performance.now() < end; );
}

test('hands on at once what there is time for, and the rest in later turns, in its order', async () => {
  const heard: string[] = [];
  const inbox = new Inbox({
    maxBytes: 1000,
    onMessage: (bytes) => {
      heard.push(bytes.toString());
      if (bytes.toString() === 'long') takeLong();
    },
  });
  for (const text of ['a', 'long', 'b', 'long', 'c', 'd']) inbox.put(Buffer.from(text));
  assert.deepEqual([heard, inbox.bytes], [['a', 'long'], 7]);
  let turns = 0;
  const count = (): void => {
    turns += 1;
    if (heard.length < 6) setImmediate(count);
  };
  setImmediate(count);
  await eventually('all is handed on', () => heard.length === 6);
  assert.deepEqual(heard, ['a', 'long', 'b', 'long', 'c', 'd']);
  assert.ok(turns >= 2 && inbox.bytes === 0 && inbox.dropped === 0);
});

test('drops what is more than may wait, and counts it', async () => {
  const heard: string[] = [];
  const inbox = new Inbox({
    maxBytes: 10,
    onMessage: (bytes) => {
      heard.push(bytes.toString());
      takeLong();
    },
  });
  for (const text of ['first', '0123456789', 'x', '']) inbox.put(Buffer.from(text));
  assert.deepEqual([inbox.bytes, inbox.dropped], [10, 1]);
  await eventually('the rest is handed on', () => inbox.bytes === 0 && heard.length === 3);
  assert.deepEqual(heard, ['first', '0123456789', '']);
});

test('hands on nothing after it was closed', async () => {
  const heard: string[] = [];
  const inbox = new Inbox({
    maxBytes: 1000,
    onMessage: (bytes) => {
      heard.push(bytes.toString());
      takeLong();
    },
  });
  for (const text of ['a', 'b']) inbox.put(Buffer.from(text));
  inbox.close();
  inbox.put(Buffer.from('c'));
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  assert.deepEqual([heard, inbox.bytes], [['a'], 0]);
});
