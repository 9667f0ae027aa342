import type { RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Far above what clients that pipeline send ahead, far below what a chunk of 64 KiB holds. */
const mostUnderWay = 64;

export interface Pipelining {
  readonly onRequest: RequestListener;
  /** Whether requests of this connection are still to be answered: theirs would be written into the WebSocket's stream. */
  hasUnanswered(socket: Duplex): boolean;
}

/**
 * Node hands over every request that a chunk of a connection holds at once, before the first is answered. A connection with more than 64 under way
 * is ended.
 */
export function boundPipelining(onRequest: RequestListener): Pipelining {
  const underWay = new WeakMap<Duplex, number>();
  const countOf = (socket: Duplex) => underWay.get(socket) ?? 0;
  // One function for all answers, told which by `this`.
  function onAnswered(this: ServerResponse): void {
    const { socket } = this.req;
    underWay.set(socket, Math.max(0, countOf(socket) - 1));
  }
  return {
    hasUnanswered: (socket) => countOf(socket) > 0,
    onRequest(request, response) {
      const { socket } = request;
      // The rest of a chunk still comes after its connection was ended.
      if (socket.destroyed) return;
      const count = countOf(socket) + 1;
      if (count > mostUnderWay) return void socket.destroy();
      underWay.set(socket, count);
      response.on('close', onAnswered);
      onRequest(request, response);
    },
  };
}
