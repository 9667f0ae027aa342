import { FakeConnection } from '../support/fake-connection.ts';
import { payloadOf } from '../support/fake-node.ts';
import { createWsPair } from '../support/ws-pair.ts';
import { testConnection } from './connection.ts';

testConnection('over ws', async (maxOutboxBytes) => {
  const pair = await createWsPair({ maxOutboxBytes });
  const received: string[] = [];
  let closed: { code: number; reason: string } | undefined;
  pair.client.on('message', (data) => received.push(data.toString()));
  pair.client.on('close', (code, reason) => {
    closed = { code, reason: reason.toString() };
  });
  return {
    connection: pair.connection,
    received: () => received,
    stall: () => pair.client.pause(),
    resume: () => pair.client.resume(),
    closed: () => closed,
    [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose](),
  };
});

testConnection('fake', async (maxQueueBytes) => {
  const connection = new FakeConnection({ cid: 7, maxQueueBytes });
  return {
    connection,
    received: () => connection.received.map((frame) => payloadOf(frame).toString()),
    stall: () => connection.stall(),
    resume: () => connection.resume(),
    closed: () => connection.closed && { code: connection.closed.code, reason: connection.closed.reason },
    [Symbol.asyncDispose]: async () => {},
  };
});
