import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { answerCpu } from './answer-cpu.ts';

/** ws as its manual begins: whoever comes is in. */
const server = createServer();
const sockets = new WebSocketServer({ server });
sockets.on('connection', (ws) => {
  ws.on('error', () => {});
  ws.on('message', () => {});
});
server.listen({ port: 0, host: '0.0.0.0', backlog: 4096 }, () => answerCpu((server.address() as AddressInfo).port));
