import { WebSocket } from 'ws';

/** What a door hears of its WebSockets. One for all: the socket says which. */
export interface SocketDoor<T> {
  onMessage(socket: ClientSocket<T>, data: Buffer, isBinary: boolean): void;
  /** A ping or a pong. */
  onSign(socket: ClientSocket<T>): void;
  /** Once, when it is wholly closed. ws has closed with the right code (1002, 1007, 1009) by itself where a peer was wrong. */
  onClose(socket: ClientSocket<T>, code: number, reason: Buffer): void;
}

/**
 * A WebSocket of the server that tells its door what happens instead of listeners of its own, which would be closures and a table for each
 * connection. `client`: what the door knows of it.
 *
 * What is relied on of ws (`test/unit/transport/ws-socket.test.ts` fails where it changes) is all public: the option `WebSocket` of its server, the
 * events of a WebSocket, and that on the server's side, without compression, it writes each frame of its own (pong, close) unmasked, whole and
 * at once to the socket it was given, so that our frames go to the same socket between them; and that it reads that socket by a `data` listener,
 * before which another may look at the bytes.
 */
export class ClientSocket<T> extends WebSocket {
  door: SocketDoor<T> | undefined = undefined;
  client: T | undefined = undefined;

  // biome-ignore lint/suspicious/noExplicitAny: as EventEmitter has it
  override emit(event: string | symbol, ...args: any[]): boolean {
    const { door } = this;
    if (door === undefined) return super.emit(event as never, ...(args as []));
    switch (event) {
      case 'message':
        door.onMessage(this, args[0], args[1]);
        break;
      case 'ping':
      case 'pong':
        door.onSign(this);
        break;
      case 'close':
        door.onClose(this, args[0], args[1]);
    }
    return true;
  }
}
