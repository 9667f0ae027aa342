import type { ServerResponse } from 'node:http';
import type { NodeEvent } from '../../../api/event.ts';
import { escapeControlsOfJson } from '../../../util/control-characters.ts';

export interface EventStream {
  /** Never blocks and never grows: with more than 1 MiB unread, events are left out and their number is told later. */
  push(event: NodeEvent): void;
  end(): void;
  /** Asks whether the reader may still read; ends where it may not, or cannot be judged. Called by itself with each heartbeat. */
  judge(): void;
  /** Called once, whoever ended it; at once where the client is gone already. */
  onEnd(listener: () => void): void;
}

const MAX_WAITING_BYTES = 1024 * 1024;
const HEARTBEAT_MS = 15_000;

/** Takes over `response`. A comment every 15 s keeps proxies from closing a quiet stream. */
export function createEventStream(response: ServerResponse, mayRead: () => Promise<boolean>): EventStream {
  let left = 0;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write(': events\n\n');
  const heartbeat = setInterval(() => {
    stream.judge();
    if (response.writableLength === 0) response.write(': still here\n\n');
  }, HEARTBEAT_MS);
  heartbeat.unref();
  response.on('error', () => response.destroy());
  const stream: EventStream = {
    push(event) {
      if (response.writableLength > MAX_WAITING_BYTES) {
        left += 1;
        return;
      }
      if (left > 0) {
        response.write(`: ${left} events left out\n\n`);
        left = 0;
      }
      response.write(
        `id: ${event.sequence}\nevent: ${event.type}\ndata: ${escapeControlsOfJson(JSON.stringify(event))}\n\n`,
      );
    },
    end: () => response.end(),
    judge() {
      const end = () => stream.end();
      mayRead().then((may) => may || end(), end);
    },
    onEnd(listener) {
      if (response.destroyed) listener();
      else response.once('close', listener);
    },
  };
  stream.onEnd(() => clearInterval(heartbeat));
  return stream;
}
