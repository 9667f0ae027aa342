import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { readHttpAnswer } from './http-answer.ts';
import type { Endpoint } from './thread-protocol.ts';
import { tlsOptions } from './tls-options.ts';

/** Where requests go: an address, or a Unix socket (a named pipe on Windows). */
export type HttpEndpoint = Endpoint | { readonly socketPath: string };

export interface HttpAnswer {
  readonly status: number;
  /** Latin-1. */
  readonly body: string;
}

export interface LaneEvents {
  /** One for each request, in order. */
  onAnswer(answer: HttpAnswer): void;
  /** Nothing more is under way, but for what `send` is given after this. */
  onIdle(): void;
  /** The connection ended with so many requests unanswered. The next `send` makes a new one. */
  onBroken(unanswered: number, reason: string): void;
}

/** One kept HTTP/1.1 connection that is written whole requests, several at once where the caller likes, and reads their answers. Costs little. */
export class HttpLane {
  readonly #endpoint: HttpEndpoint;
  readonly #events: LaneEvents;
  #socket: Socket | undefined;
  #text = '';
  #waiting = 0;

  constructor(endpoint: HttpEndpoint, events: LaneEvents) {
    this.#endpoint = endpoint;
    this.#events = events;
  }

  /** `text` is Latin-1 and holds `count` requests. */
  send(text: string, count: number): void {
    this.#socket ??= this.#open();
    this.#waiting += count;
    this.#socket.write(text, 'latin1');
  }

  get waiting(): number {
    return this.#waiting;
  }

  close(): void {
    this.#waiting = 0;
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    const socket = connectTo(this.#endpoint);
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#onText(socket, text));
    let reason = 'closed by the server';
    socket.on('error', (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.message;
    });
    socket.on('close', () => this.#onClose(socket, reason));
    return socket;
  }

  #onText(socket: Socket, text: string): void {
    if (socket !== this.#socket || this.#waiting === 0) return;
    this.#text += text;
    while (this.#waiting > 0) {
      const found = readHttpAnswer(this.#text);
      if (found === undefined) return;
      if (found === 'malformed') return void socket.destroy(new Error('no HTTP answer'));
      this.#text = this.#text.slice(found.end);
      this.#waiting--;
      if (found.isLast) {
        this.#events.onAnswer(found.answer);
        return void socket.destroy();
      }
      this.#events.onAnswer(found.answer);
    }
    this.#events.onIdle();
  }

  #onClose(socket: Socket, reason: string): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#text = '';
    const unanswered = this.#waiting;
    this.#waiting = 0;
    if (unanswered > 0) this.#events.onBroken(unanswered, reason);
    else this.#events.onIdle();
  }
}

function connectTo(endpoint: HttpEndpoint): Socket {
  if ('socketPath' in endpoint) return connect(endpoint.socketPath);
  const { host, port, tls } = endpoint;
  if (tls === undefined) return connect(port, host);
  return connectTls({ host, port, ...tlsOptions(host, tls) });
}
