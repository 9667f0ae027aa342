import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { answerCpu } from './answer-cpu.ts';

/** What everybody writes first: the text, sent to each client in a loop. */
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    for (const client of sockets.clients) client.send(text);
    response.end('{}');
  });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
// Longer than the bench takes: its requests come on kept connections.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => answerCpu((server.address() as AddressInfo).port));
