import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { answerCpu } from './answer-cpu.ts';

const server = createServer();
// No heartbeat during the bench: its receivers only count.
const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false, pingInterval: 1e8 });
const engine = server.listeners('request').slice() as ((...args: unknown[]) => void)[];
server.removeAllListeners('request');
server.on('request', (request, response) => {
  if (request.method !== 'POST') {
    for (const listener of engine) listener(request, response);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    io.emit('push', Buffer.concat(chunks).toString());
    response.end('{}');
  });
});
// Longer than the bench takes: its requests come on kept connections.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => answerCpu((server.address() as AddressInfo).port));
