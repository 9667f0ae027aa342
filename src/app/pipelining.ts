import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

/** Far above what clients that pipeline send ahead, far below what a chunk of 64 KiB holds. */
const mostUnderWay = 64;

/**
 * Node hands over every request that a chunk of a connection holds at once, before the first is answered. A connection with more than 64 under way
 * is ended.
 */
export function boundPipelining(onRequest: RequestListener): RequestListener {
  const underWay = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    // The rest of a chunk still comes after its connection was ended.
    if (socket.destroyed) return;
    const count = (underWay.get(socket) ?? 0) + 1;
    if (count > mostUnderWay) return void socket.destroy();
    underWay.set(socket, count);
    response.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1));
    onRequest(request, response);
  };
}
