import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { serveBursts } from './burst-server.ts';

const server = createServer();
// No heartbeat during the bench: its clients answer none.
const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false, pingInterval: 1e8 });
server.listen(0, '127.0.0.1', () => {
  serveBursts({ port: (server.address() as AddressInfo).port, send: (text) => io.emit('push', text) });
});
