import type { ServerResponse } from 'node:http';

/** An answer of server-sent events (HTML Living Standard, section 9.2) that goes on until one side ends it. */
export interface SseStream {
  /** Never blocks and never grows. False: more than 1 MiB is unread, and this was left out. */
  write(chunk: string): boolean;
  /** What was written still goes out, to who reads it within a second. */
  end(): void;
  /** Asks whether the reader may still read; ends where it may not, or cannot be judged. Called by itself with each heartbeat. */
  judge(): void;
  /** The reader has read what waited. */
  onRoom(listener: () => void): void;
  /** Called once, whoever ended it; at once where the client is gone already. */
  onEnd(listener: () => void): void;
}

const MAX_WAITING_BYTES = 1024 * 1024;
const HEARTBEAT_MS = 15_000;
const END_MS = 1000;

/** Takes over `response`, which begins with the comment `name`. A comment every 15 s keeps proxies from closing a quiet stream. */
export function createSseStream(response: ServerResponse, name: string, mayRead: () => Promise<boolean>): SseStream {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write(`: ${name}\n\n`);
  const heartbeat = setInterval(() => {
    stream.judge();
    if (response.writableLength === 0) response.write(': still here\n\n');
  }, HEARTBEAT_MS);
  heartbeat.unref();
  response.on('error', () => response.destroy());
  const stream: SseStream = {
    write(chunk) {
      if (response.writableEnded || response.writableLength > MAX_WAITING_BYTES) return false;
      response.write(chunk);
      return true;
    },
    end() {
      if (response.writableEnded) return;
      response.end();
      const timer = setTimeout(() => response.destroy(), END_MS).unref();
      stream.onEnd(() => clearTimeout(timer));
    },
    judge() {
      const end = () => stream.end();
      mayRead().then((may) => may || end(), end);
    },
    onRoom: (listener) => response.on('drain', listener),
    onEnd(listener) {
      if (response.destroyed) listener();
      else response.once('close', listener);
    },
  };
  stream.onEnd(() => clearInterval(heartbeat));
  return stream;
}
