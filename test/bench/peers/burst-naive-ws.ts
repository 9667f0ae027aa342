import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { serveBursts } from './burst-server.ts';

/** What everybody writes first: the text, sent to each client in a loop. */
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
server.listen(0, '127.0.0.1', () => {
  serveBursts({
    port: (server.address() as AddressInfo).port,
    send(text) {
      for (const client of sockets.clients) client.send(text);
    },
  });
});
