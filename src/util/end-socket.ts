import type { Duplex } from 'node:stream';

/**
 * Writes the last words on a socket and lets go of it. `end` alone leaves an HTTP server's socket, which may be half open,
 * to a peer that never closes its side.
 */
export function endSocket(socket: Duplex, lastWords: string): void {
  socket.once('finish', () => socket.destroy());
  socket.end(lastWords);
}
