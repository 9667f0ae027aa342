import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { opcodes } from '../wire/frame.ts';
import type { OutboxSocket } from './outbox.ts';
import { splitFrames } from './split-frames.ts';

/**
 * Stands in the place of the socket where permessage-deflate was negotiated: our frames are taken apart again and given to ws, which compresses
 * each message and keeps the order, its own frames included. What waits to be compressed counts as waiting.
 */
export class DeflatedSocket implements OutboxSocket {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  #onDrain: (() => void) | undefined = undefined;

  constructor(ws: WebSocket, socket: Duplex) {
    this.#ws = ws;
    this.#socket = socket;
  }

  get writableLength(): number {
    return this.#ws.bufferedAmount;
  }

  get writableNeedDrain(): boolean {
    return this.#ws.bufferedAmount >= this.#socket.writableHighWaterMark;
  }

  write(frames: Buffer): void {
    for (const { opcode, payload } of splitFrames(frames)) {
      // A send that fails is that of a connection which is ending.
      if (opcode === opcodes.ping) this.#ws.ping(payload, false, this.#onSent);
      else this.#ws.send(payload, { binary: opcode === opcodes.binary }, this.#onSent);
    }
  }

  once(_event: 'drain', listener: () => void): void {
    this.#onDrain = listener;
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  readonly #onSent = (): void => {
    const onDrain = this.#onDrain;
    if (onDrain === undefined || this.writableNeedDrain) return;
    this.#onDrain = undefined;
    onDrain();
  };
}
