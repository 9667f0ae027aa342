import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { serveBursts } from './burst-server.ts';

/** One of several that share what is emitted, over the Redis whose URL is the argument, as socket.io's documentation has it. */
const publisher = new Redis(process.argv[2] ?? '');
const subscriber = publisher.duplicate();
const server = createServer();
// No heartbeat during the bench: its clients answer none.
const io = new Server(server, {
  transports: ['websocket'],
  perMessageDeflate: false,
  pingInterval: 1e8,
  adapter: createAdapter(publisher, subscriber),
});
server.listen(0, '127.0.0.1', () => {
  serveBursts({
    port: (server.address() as AddressInfo).port,
    send: (text) => io.emit('push', text),
    servers: () => io.of('/').adapter.serverCount(),
  });
});
