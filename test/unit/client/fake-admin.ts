import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface Asked {
  readonly method: string;
  /** Without `/admin/v1`, query included. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answer = (asked: Asked, response: ServerResponse) => unknown;

export interface FakeAdmin {
  readonly url: string;
  readonly port: number;
  readonly asked: Asked[];
  /** `GET /stats` → what it answers: a value for 200, or a function that may write the response itself. */
  readonly answers: Record<string, unknown>;
  /** TCP connections accepted so far. */
  connections(): number;
  dropConnections(): void;
  /** `Expect: 100-continue` is passed over. */
  neverAsksForBodies(): void;
}

/** An HTTP server in the place of a node's admin API, on port 0 or a socket; closed when the test ends. */
export async function startFakeAdmin(
  t: TestContext,
  answers: Record<string, unknown> = {},
  listen?: string,
): Promise<FakeAdmin> {
  const asked: Asked[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  server.on('connection', () => connections++);
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const path = (request.url ?? '').replace(/^\/admin\/v1/, '');
    const body = Buffer.concat(chunks).toString();
    const one: Asked = { method: request.method ?? '', path, headers: request.headers, body };
    asked.push(one);
    const found = answers[`${one.method} ${path}`] ?? answers[`${one.method} ${path.replace(/\?.*/, '')}`];
    const value = typeof found === 'function' ? await (found as Answer)(one, response) : found;
    if (response.headersSent || response.destroyed || value === hangs) return;
    if (value === undefined && found === undefined) {
      refuse(response, 404, { code: 'not_found', message: `no answer for ${one.method} ${path}` });
      return;
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
  };
  server.listen(listen ?? { port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const port = listen === undefined ? (server.address() as AddressInfo).port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    answers,
    connections: () => connections,
    dropConnections: () => server.closeAllConnections(),
    neverAsksForBodies() {
      server.on('checkContinue', (request, response) => void answer(request, response));
    },
  };
}

/** Answered by nothing at all. */
export const hangs = Symbol('hangs');

export function refuse(response: ServerResponse, status: number, error: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
}
