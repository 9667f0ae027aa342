import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Dialect } from '../../src/api/dialect.ts';
import { EndOfTurn } from '../../src/registry/end-of-turn.ts';
import { Heartbeats } from '../../src/transport/heartbeats.ts';
import { Outboxes } from '../../src/transport/outbox.ts';
import { WsConnection } from '../../src/transport/ws-connection.ts';
import type { TimingWheel } from '../../src/util/timing-wheel.ts';
import { createWheel } from './wheel.ts';

export interface WsPair extends AsyncDisposable {
  readonly connection: WsConnection;
  /** The server's end. */
  readonly ws: WebSocket;
  readonly socket: Socket;
  readonly client: WebSocket;
  /** Shared with nobody else; not started. */
  readonly wheel: TimingWheel;
  /** What was thrown when something was due. */
  readonly faults: readonly unknown[];
  /** What was dropped of that which had been taken. */
  readonly droppedLater: string[];
  /** What `onClosed` was called with. */
  readonly ended: { readonly code: number; readonly reason: string }[];
  /** What the client was told at the end; waits for it. */
  readonly clientClosed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** A `WsConnection` over a real socket on a free port of loopback, and the client at its other end. */
export async function createWsPair(
  options: { maxOutboxBytes?: number; maxAgeMs?: number; dialect?: Dialect } = {},
): Promise<WsPair> {
  const http = createServer();
  const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false });
  const upgraded = new Promise<{ ws: WebSocket; socket: Socket }>((resolve) => {
    http.on('upgrade', (request, socket, head) => {
      server.handleUpgrade(request, socket, head, (ws) => resolve({ ws, socket: socket as Socket }));
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`, { perMessageDeflate: false });
  client.on('error', () => {});
  const clientClosed = new Promise<{ code: number; reason: string }>((resolve) => {
    client.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const { ws, socket } = await upgraded;
  ws.on('error', () => {});
  if (client.readyState !== WebSocket.OPEN) await once(client, 'open');
  const ended: { code: number; reason: string }[] = [];
  const never = { pingIntervalMs: 1, timeoutMs: 1 };
  const frames = { json: Buffer.alloc(0), yunque: Buffer.alloc(0), cim: Buffer.alloc(0), 'cim-json': Buffer.alloc(0) };
  const droppedLater: string[] = [];
  const { maxOutboxBytes = 1024 * 1024, maxAgeMs = 10_000 } = options;
  const { wheel, faults } = createWheel();
  const connection = new WsConnection({
    context: {
      heartbeats: new Heartbeats(
        { json: never, protobuf: { pingAfterMs: 1, timeoutMs: 1 }, bindTimeoutMs: 1 },
        frames,
        wheel,
      ),
      outboxes: new Outboxes(new EndOfTurn(), { maxBytes: maxOutboxBytes, maxAgeMs }, wheel),
      onDropped: (reason) => droppedLater.push(reason),
      onClosing: () => {},
      onClosed: (_connection, code, reason) => ended.push({ code, reason }),
    },
    ws,
    socket,
    cid: 7,
    system: 'default',
    dialect: options.dialect ?? 'json',
    remoteAddress: '127.0.0.1',
  });
  return {
    connection,
    ws,
    socket,
    client,
    ended,
    wheel,
    faults,
    droppedLater,
    clientClosed,
    [Symbol.asyncDispose]: async () => {
      client.terminate();
      ws.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
