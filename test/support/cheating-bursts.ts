import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { serveBursts } from '../bench/peers/burst-server.ts';

/** A server for the bench that does with one message, once it was asked for several, what no server may: lose, double or swap. */
const how = process.argv[2];
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
let seen = 0;
let held: string | undefined;

function toAll(text: string): void {
  for (const client of sockets.clients) client.send(text);
}

server.listen(0, '127.0.0.1', () => {
  serveBursts({
    port: (server.address() as AddressInfo).port,
    send(text) {
      seen += 1;
      if (seen !== 3) toAll(text);
      else if (how === 'double') for (let time = 0; time < 2; time += 1) toAll(text);
      else held = text;
      if (seen === 4 && how === 'swap' && held !== undefined) toAll(held);
    },
  });
});
