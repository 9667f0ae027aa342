import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** What a faulty server does with the nth delivery to a client (from 0), instead of writing the frame. */
export type Fault = (delivery: number) => 'drop' | 'double' | 'late' | 'gone' | undefined;

export interface FaultyServer extends AsyncDisposable {
  readonly url: string;
  /** Requests it was sent, by path. */
  readonly requests: ReadonlyMap<string, number>;
}

export interface FaultyOptions {
  readonly fault?: Fault;
  /** Group messages reach everyone. */
  readonly leaksGroups?: boolean;
  /** After so many pushes it takes no connections and ends those it has. */
  readonly endsAfter?: number;
  /** The answer to a push with this number (from 0), instead of success. */
  readonly refuse?: (push: number) => { readonly status: number; readonly body: string } | undefined;
}

/** A server with go-websocket's API that loses, doubles, swaps and leaks as it is told: what a load tool must find. */
export async function startFaultyGoWebsocket(options: FaultyOptions = {}): Promise<FaultyServer> {
  const clients = new Map<string, WebSocket>();
  const groups = new Map<string, Set<string>>();
  const deliveries = new Map<string, number>();
  const held = new Map<string, string>();
  const requests = new Map<string, number>();
  let pushes = 0;

  const deliver = (id: string, frame: string) => {
    const client = clients.get(id);
    if (client === undefined) return;
    const number = deliveries.get(id) ?? 0;
    deliveries.set(id, number + 1);
    const fault = options.fault?.(number);
    if (fault === 'gone') client.close(4008);
    else if (fault === 'late') held.set(id, frame);
    else if (fault !== 'drop') {
      client.send(frame);
      if (fault === 'double') client.send(frame);
      const late = held.get(id);
      if (late !== undefined) client.send(late);
      held.delete(id);
    }
  };

  const answer = (path: string, body: { clientId?: string; groupName?: string; data?: unknown }) => {
    const { clientId = '', groupName = '', data } = body;
    if (path === '/api/bind_to_group') {
      const members = groups.get(groupName) ?? new Set();
      groups.set(groupName, members.add(clientId));
    }
    if (path.startsWith('/api/send_')) {
      const push = pushes++;
      const refusal = options.refuse?.(push);
      if (push >= (options.endsAfter ?? Number.POSITIVE_INFINITY)) return undefined;
      if (refusal !== undefined) return refusal;
      const frame = JSON.stringify({ messageId: '0123456789abcdef', sendUserId: '', code: 0, msg: '', data });
      const ids = clientId !== '' ? [clientId] : options.leaksGroups ? clients.keys() : (groups.get(groupName) ?? []);
      for (const id of ids) deliver(id, frame);
    }
    return { status: 200, body: '{"code":0,"msg":"success","data":[]}' };
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      requests.set(path, (requests.get(path) ?? 0) + 1);
      const given = answer(path, JSON.parse(Buffer.concat(chunks).toString()));
      if (given === undefined) return end();
      const { status, body } = given;
      response.writeHead(status).end(body);
    });
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (client) => {
    const clientId = `client-${clients.size}`;
    clients.set(clientId, client);
    client.send(JSON.stringify({ code: 0, msg: 'success', data: { clientId } }));
  });
  const end = () => {
    server.close();
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      end();
      await closed;
    },
  };
}
