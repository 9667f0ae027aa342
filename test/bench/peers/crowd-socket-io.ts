import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { answerCpu } from './answer-cpu.ts';

/** socket.io with a token for each client (HS256, checked in a middleware) and two rooms, one with everybody and one of a hundred. */
const secret = process.env['BENCH_SECRET'] ?? '';
const server = createServer();
const io = new Server(server, { transports: ['websocket'], pingInterval: 25_000, pingTimeout: 20_000 });
io.use((socket, next) => {
  const [head = '', body = '', mac = ''] = String(socket.handshake.auth['token']).split('.');
  const wanted = createHmac('sha256', secret).update(`${head}.${body}`).digest();
  const given = Buffer.from(mac, 'base64url');
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return next(new Error('unauthorized'));
  const { sub, exp } = JSON.parse(Buffer.from(body, 'base64url').toString()) as { sub: string; exp: number };
  if (exp * 1000 < Date.now()) return next(new Error('expired'));
  socket.data.uid = sub;
  next();
});
io.on('connection', (socket) => {
  void socket.join(['all', `room${Number(String(socket.data.uid).slice(1)) % 100}`]);
});
server.listen({ port: 0, host: '0.0.0.0', backlog: 4096 }, () => answerCpu((server.address() as AddressInfo).port));
