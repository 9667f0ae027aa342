import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * Many WebSocket clients that only count, in a thread of their own: raw sockets, frames found by their lengths, nothing
 * decoded. Says `open` when all are connected, then answers each message with the frames seen so far.
 */
interface Work {
  readonly port: number;
  readonly path: string;
  readonly clients: number;
  /** What each client says after the upgrade, as text frames. */
  readonly hello: readonly string[];
}

const { port, path, clients, hello } = workerData as Work;
let frames = 0;
let greeted = 0;

class Receiver {
  readonly #socket: Socket;
  #isUpgraded = false;
  #rest: Buffer = Buffer.alloc(0);

  constructor() {
    this.#socket = connect(port, '127.0.0.1', () => {
      this.#socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      );
    });
    this.#socket.on('data', (bytes: Buffer) => this.#take(bytes));
    this.#socket.on('error', (error) => {
      throw error;
    });
  }

  #take(bytes: Buffer): void {
    let data = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (!this.#isUpgraded) {
      const end = data.indexOf('\r\n\r\n');
      if (end < 0) {
        this.#rest = data;
        return;
      }
      this.#isUpgraded = true;
      greeted += 1;
      for (const text of hello) this.#socket.write(maskedText(text));
      if (greeted === clients) parentPort?.postMessage('open');
      data = data.subarray(end + 4);
    }
    let at = 0;
    for (;;) {
      const length = frameLength(data, at);
      if (length === 0 || at + length > data.length) break;
      if (((data[at] ?? 0) & 0x0f) < 8) frames += 1;
      at += length;
    }
    this.#rest = data.subarray(at);
  }
}

/** Of the frame at `at`, head included; 0 while its head is incomplete. */
function frameLength(data: Buffer, at: number): number {
  if (data.length < at + 2) return 0;
  const short = (data[at + 1] ?? 0) & 0x7f;
  if (short < 126) return 2 + short;
  if (short === 126) return data.length < at + 4 ? 0 : 4 + data.readUInt16BE(at + 2);
  return data.length < at + 10 ? 0 : 10 + Number(data.readBigUInt64BE(at + 2));
}

/** A short masked text frame; the mask is zero. */
function maskedText(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

parentPort?.on('message', () => parentPort?.postMessage(frames));
for (let i = 0; i < clients; i += 1) new Receiver();
