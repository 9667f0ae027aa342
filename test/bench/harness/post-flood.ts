import { Sender } from '../../../src/load/sender.ts';
import { planStreams } from '../../../src/load/streams.ts';
import type { Clients } from './clients.ts';
import { messageBytes } from './contestant.ts';

/** Kept HTTP connections, each with one POST under way: every message to the whole group, the next when it is answered. */
export interface PostFlood extends Disposable {
  /** So many messages a second, or as many as are answered. Resolves when all has arrived; answers how many deliveries that were. */
  run(durationMs: number, perSecond?: number): Promise<number>;
}

/** Messages are go-websocket's `send_to_group`; `clients` have a stream for each of the `inFlight` connections. */
export function openPostFlood(port: number, clients: Clients, group: string, inFlight: number): PostFlood {
  const sender = new Sender({
    endpoint: { host: '127.0.0.1', port },
    streams: planStreams(1, inFlight),
    batch: 1,
    magic: clients.magic,
    epochMs: clients.epochMs,
    clock: clients.clock,
    requestFor: ([message]) => ({ text: requestText(port, group, message?.mark ?? ''), requests: 1 }),
    isTaken: ({ status, body }) => status === 200 && body.startsWith('{"code":0,'),
    timeoutMs: 10_000,
  });
  return {
    async run(durationMs, perSecond) {
      const { messages, refused, unanswered, trouble } = await sender.send({ durationMs, perSecond });
      if (refused + unanswered > 0) throw new Error(`${refused + unanswered} of ${messages} POSTs failed: ${trouble}`);
      clients.announceAll(sender.streams.sent.counts);
      await clients.received(messages * clients.members);
      return messages * clients.members;
    },
    [Symbol.dispose]: () => sender.close(),
  };
}

function requestText(port: number, groupName: string, mark: string): string {
  const body = JSON.stringify({ groupName, sendUserId: '1', code: 0, msg: 'm', data: mark.padEnd(messageBytes, 'x') });
  return (
    `POST /api/send_to_group HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nSystemId: default\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  );
}
