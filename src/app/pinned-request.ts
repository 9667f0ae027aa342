import type { ClientRequest } from 'node:http';
import { TLSSocket } from 'node:tls';

/**
 * Options of a `ws` client for a node's own wss listener. No authority, name or date is asked for: the certificate has to be the very one
 * that the listener shows, and nothing is sent before that is known. `fingerprint`: its SHA-256, asked for at each connection.
 */
export function pinnedTo(fingerprint: () => string | undefined) {
  return {
    rejectUnauthorized: false,
    finishRequest(request: ClientRequest): void {
      request.once('socket', (socket) => {
        socket.once('secureConnect', () => {
          const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : undefined;
          if (shown !== undefined && shown === fingerprint()) request.end();
          else request.destroy(new Error('the certificate is not that of this node'));
        });
      });
    },
  };
}
