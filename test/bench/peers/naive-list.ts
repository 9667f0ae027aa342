import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { answerCpu } from './answer-cpu.ts';

/** What everybody writes first for a list: on each POST the text is sent to the next hundred clients, one `send` each. */
const perPost = 100;
const clients: WebSocket[] = [];
let next = 0;
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    for (let sent = 0; sent < perPost; sent += 1) {
      clients[next]?.send(text);
      next = (next + 1) % clients.length;
    }
    response.end('{}');
  });
});
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (client) => clients.push(client));
// Longer than the bench takes: its requests come on kept connections.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => answerCpu((server.address() as AddressInfo).port));
