import type { Server } from 'node:https';
import type { Socket } from 'node:net';

/**
 * Makes `closeAllConnections` end those that are still in their TLS handshake too: Node's own knows only of connections that HTTP
 * has begun on, and closing the server would wait for the others until their handshake is too late.
 */
export function endHandshakesOnClose(server: Server): Server {
  const shaking = new Map<string, Socket>();
  server.on('connection', (socket) => {
    const peer = peerOf(socket);
    shaking.set(peer, socket);
    socket.once('close', () => {
      if (shaking.get(peer) === socket) shaking.delete(peer);
    });
  });
  // What is secure is another socket around the first; its peer is the same.
  server.on('secureConnection', (socket) => shaking.delete(peerOf(socket)));
  const closeKnown = server.closeAllConnections.bind(server);
  server.closeAllConnections = () => {
    closeKnown();
    for (const socket of shaking.values()) socket.destroy();
  };
  return server;
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
