import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';

/** On one that was opened or answered just now, a request may be on its way. */
const leastIdleMs = 1000;

interface Waiting {
  underWay: number;
  sinceMs: number;
  /** Of the socket, when it began to wait. */
  bytesRead: number;
}

/**
 * Answers a function that ends the connections of a server that wait for a request. Node's `closeIdleConnections` also ends those whose
 * request is on its way: who has connected just now would see its connection cut instead of an answer.
 */
export function trackIdle(server: Server, now = () => performance.now()): () => void {
  const connections = new Map<Socket, Waiting>();
  function forget(this: Socket): void {
    connections.delete(this);
  }
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections.set(socket, { underWay: 0, sinceMs: now(), bytesRead: socket.bytesRead });
    socket.on('close', forget);
  });
  // One function for all answers: a closure for each would cost as much as all that is done here.
  function onAnswered(this: ServerResponse): void {
    const { socket } = this.req;
    const waiting = connections.get(socket);
    if (waiting === undefined) return;
    waiting.underWay -= 1;
    waiting.sinceMs = now();
    waiting.bytesRead = socket.bytesRead;
  }
  const onRequest = ({ socket }: IncomingMessage, response: ServerResponse) => {
    const waiting = connections.get(socket);
    if (waiting === undefined) return;
    waiting.underWay += 1;
    response.on('close', onAnswered);
  };
  server.on('request', onRequest);
  server.on('checkContinue', onRequest);
  server.on('upgrade', ({ socket }) => {
    connections.delete(socket);
    socket.removeListener('close', forget);
  });
  return () => {
    for (const [socket, { underWay, sinceMs, bytesRead }] of connections) {
      if (underWay > 0 || socket.bytesRead !== bytesRead || now() - sinceMs < leastIdleMs) continue;
      socket.destroy();
    }
  };
}
