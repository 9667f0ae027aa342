import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { maskedFrame } from './client-frames.ts';
import { createScanState, type ScanState } from './frame-scanner.ts';
import type { ClientPlan, Endpoint } from './thread-protocol.ts';
import { tlsOptions } from './tls-options.ts';

/** Before a frame, in hexadecimal digits, where one is the reason. */
export const frameMark = 'frame:';

/** Why a client is not connected. `retryAfterMs`: the server asked it to come again. */
export interface Failure {
  readonly reason: string;
  readonly retryAfterMs?: number | undefined;
}

export interface ClientEvents {
  onUpgraded(client: ReceiverClient): void;
  /** `bytes` is good for the call only: all clients of a thread read into it. */
  onData(client: ReceiverClient, bytes: Buffer, length: number): void;
  /** Once, whoever ended it. */
  onGone(client: ReceiverClient, failure: Failure): void;
}

export interface ClientOptions {
  readonly endpoint: Endpoint;
  readonly index: number;
  readonly plan: ClientPlan;
  readonly buffer: Buffer;
  readonly timeoutMs: number;
  readonly events: ClientEvents;
  /** When it was meant to connect. */
  readonly intendedMs: number;
}

/** One WebSocket connection on a raw socket: says what it has to, hands on what it reads. */
export class ReceiverClient {
  readonly index: number;
  readonly intendedMs: number;
  readonly scan: ScanState = createScanState();
  isReady = false;
  closeCode: number | undefined;
  /** The last frame that came before it was ready, its beginning: what the server said instead, behind `frameMark`. */
  said = '';
  readonly #options: ClientOptions;
  readonly #socket: Socket;
  #head: string | undefined = '';
  #isGone = false;
  #hasConnected = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.index = options.index;
    this.intendedMs = options.intendedMs;
    const { host, port, tls } = options.endpoint;
    const { localAddress } = options.plan;
    const onread = {
      buffer: options.buffer,
      callback: (length: number, bytes: Uint8Array) => this.#onBytes(bytes as Buffer, length),
    };
    const common = { host, port, onread, ...(localAddress !== undefined && { localAddress }) };
    const onConnect = () => {
      this.#hasConnected = true;
      this.#socket.write(upgradeRequest(options.endpoint, options.plan.path));
    };
    this.#socket =
      tls === undefined ? connect(common, onConnect) : connectTls({ ...common, ...tlsOptions(host, tls) }, onConnect);
    this.#socket.setNoDelay(true);
    this.#socket.setTimeout(options.timeoutMs, () =>
      this.#fail(this.#hasConnected ? 'no answer to the WebSocket handshake in time' : 'no connection in time'),
    );
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#fail(error.code ?? error.message));
    this.#socket.on('close', () => this.#fail(this.said === '' ? 'closed by the server' : this.said));
  }

  /** It has all it waited for. */
  becomeReady(): void {
    this.isReady = true;
    this.#socket.setTimeout(0);
  }

  write(frame: Uint8Array): void {
    if (!this.#isGone) this.#socket.write(frame);
  }

  /** The server has said that it closes, and waits until we do. */
  onClose(code: number): void {
    this.closeCode = code;
    if (!this.#isGone) this.#socket.end(maskedFrame(Buffer.from([3, 232]), 8));
  }

  /** As a client that is done. */
  close(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#socket.end(maskedFrame(Buffer.from([3, 232]), 8));
    // A server waits for the end that a client announces; ours is there at once.
    this.#socket.destroySoon();
  }

  #onBytes(bytes: Buffer, length: number): boolean {
    if (this.#isGone) return false;
    if (this.#head === undefined) this.#options.events.onData(this, bytes, length);
    else this.#readHead(bytes, length);
    return true;
  }

  #readHead(bytes: Buffer, length: number): void {
    const before = this.#head?.length ?? 0;
    const head = this.#head + bytes.toString('latin1', 0, length);
    const end = head.indexOf('\r\n\r\n');
    this.#head = head;
    if (end < 0) {
      if (head.length > 65536) this.#fail('no HTTP answer to the WebSocket handshake');
      return;
    }
    const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
    if (status !== '101') {
      this.#fail(...refusalIn(head, end, status));
      return;
    }
    this.#head = undefined;
    if (this.#options.plan.hello !== undefined) this.write(this.#options.plan.hello);
    this.#options.events.onUpgraded(this);
    const from = end + 4 - before;
    if (from < length) this.#options.events.onData(this, bytes.subarray(from, length), length - from);
  }

  #fail(reason: string, retryAfterMs?: number): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#socket.destroy();
    this.#options.events.onGone(this, { reason, retryAfterMs });
  }
}

function upgradeRequest({ host, port }: Endpoint, path: string): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return (
    `GET ${path} HTTP/1.1\r\nHost: ${name}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`
  );
}

function refusalIn(head: string, end: number, status = 'none'): [reason: string, retryAfterMs: number | undefined] {
  const said = head.slice(end + 4, end + 200).trim();
  const wait = /\r\nretry-after: *(\d+)/i.exec(head)?.[1];
  const isPassing = status === '503' || status === '429';
  return [`HTTP ${status}${said === '' ? '' : ` ${said}`}`, isPassing ? Number(wait ?? 1) * 1000 : undefined];
}
