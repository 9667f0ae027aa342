import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { opcode, type ServerFrame, ServerFrames, upgradeRequest } from './raw-frames.ts';

const PATIENCE_MS = 8000;

/** A connection on which a test writes any bytes it likes. */
export class RawClient {
  readonly socket: Socket;
  readonly frames: ServerFrame[] = [];
  readonly #reader = new ServerFrames();
  #answered = Promise.withResolvers<void>();
  #ended = Promise.withResolvers<void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.frames.push(...this.#reader.take(bytes));
      if (this.#reader.status !== 0) this.#answered.resolve();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#ended.resolve());
  }

  /** Of the upgrade. */
  get status(): number {
    return this.#reader.status;
  }

  async upgrade(port: number, path: string): Promise<void> {
    this.socket.write(upgradeRequest(port, path));
    await soon(Promise.race([this.#answered.promise, this.#ended.promise]), 'an answer to the upgrade');
    if (this.status !== 101) throw new Error(`the upgrade was answered ${this.status}`);
  }

  /** Resolves with the code of the server's close frame, 1006 without one, when the connection has ended. */
  async closeCode(): Promise<number> {
    await soon(this.#ended.promise, 'the end of the connection');
    const close = this.frames.find((frame) => frame.opcode === opcode.close);
    return close === undefined ? 1006 : close.payload.readUInt16BE(0);
  }
}

export async function openRaw(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return new RawClient(socket);
}

async function soon(promise: Promise<void>, what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what}`)), PATIENCE_MS);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
