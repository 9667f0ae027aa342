import type { ServerResponse } from 'node:http';
import type { NodeEvent } from '../../../api/event.ts';

export interface EventStream {
  /** Never blocks and never grows: with more than 1 MiB unread, events are left out and their number is told later. */
  push(event: NodeEvent): void;
  end(): void;
  /** Called once, whoever ended it; at once where the client is gone already. */
  onEnd(listener: () => void): void;
}

const MAX_WAITING_BYTES = 1024 * 1024;
const HEARTBEAT_MS = 15_000;

/** Takes over `response`. A comment every 15 s keeps proxies from closing a quiet stream. */
export function createEventStream(response: ServerResponse): EventStream {
  let left = 0;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write(': events\n\n');
  const heartbeat = setInterval(
    () => response.writableLength === 0 && response.write(': still here\n\n'),
    HEARTBEAT_MS,
  );
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
      response.write(`id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    },
    end: () => response.end(),
    onEnd(listener) {
      if (response.destroyed) listener();
      else response.once('close', listener);
    },
  };
  stream.onEnd(() => clearInterval(heartbeat));
  return stream;
}
