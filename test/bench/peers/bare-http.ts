import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerCpu } from './answer-cpu.ts';

/** The least a Node server can do with a POST: it answers the body it was sent. */
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => response.end(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
});
// Longer than the bench takes: its requests come on kept connections.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => answerCpu((server.address() as AddressInfo).port));
