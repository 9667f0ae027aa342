import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { upgradeRequest } from '../../support/raw-frames.ts';

/** Clients that connect, hear their id, and read nothing from then on. */
export class StalledClients implements Disposable {
  readonly ids: readonly string[];
  readonly #sockets: readonly Socket[];

  private constructor(sockets: readonly Socket[], ids: readonly string[]) {
    this.#sockets = sockets;
    this.ids = ids;
  }

  static async open(port: number, count: number): Promise<StalledClients> {
    const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'));
    return new StalledClients(sockets, await Promise.all(sockets.map((socket) => hearId(socket, port))));
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

async function hearId(socket: Socket, port: number): Promise<string> {
  socket.write(upgradeRequest(port, '/ws'));
  let said = '';
  for (;;) {
    said += String((await once(socket, 'data'))[0]);
    const id = /"clientId":"([^"]+)"/.exec(said)?.[1];
    if (id === undefined) continue;
    socket.pause();
    // The server may cut it: that is its right.
    socket.on('error', () => {});
    return id;
  }
}
