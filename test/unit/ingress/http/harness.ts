import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { Judgement, Privilege } from '../../../../src/access/access.ts';
import type { Command, Execute } from '../../../../src/api/command.ts';
import type { NodeEvent } from '../../../../src/api/event.ts';
import type { HttpIngressOptions, Refusal } from '../../../../src/ingress/http/options.ts';
import { createHttpIngress } from '../../../../src/ingress/http/server.ts';
import { createIdempotency } from '../../../../src/store/create-idempotency.ts';
import { fakeAccess } from '../../../support/fake-access.ts';

export const messageId = '0123456789abcdef';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Harness {
  readonly port: number;
  /** Every command executed, in order. */
  readonly commands: Command[];
  readonly refusals: Refusal[];
  readonly errors: { readonly error: unknown; readonly where: string }[];
  readonly judged: Privilege[];
  readonly listeners: Set<(event: NodeEvent) => void>;
  ask(path: string, ask?: Ask): Promise<Answer>;
  /** A POST as go-websocket's backends make it, in system `sys`. */
  post(path: string, body: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

export type Reactions = { readonly [T in Command['type']]?: (command: Extract<Command, { type: T }>) => unknown };

/** A real HTTP server on a free port before the real doors, with nothing behind them but `reactions`. */
export async function startDoors(
  t: TestContext,
  reactions: Reactions = {},
  options: Partial<HttpIngressOptions> & { judge?: (privilege: Privilege) => Judgement } = {},
): Promise<Harness> {
  const commands: Command[] = [];
  const refusals: Refusal[] = [];
  const errors: { error: unknown; where: string }[] = [];
  const listeners = new Set<(event: NodeEvent) => void>();
  const execute = async (command: Command) => {
    commands.push(command);
    const react = reactions[command.type] as ((command: Command) => unknown) | undefined;
    return react?.(command) ?? emptyResult(command);
  };
  const access = fakeAccess({ ...(options.judge && { judge: options.judge }) });
  const ingress = await createHttpIngress({
    executeFor: () => execute as Execute,
    access,
    clientAddress: ({ socket }) => socket.remoteAddress ?? '',
    systemExists: async (system) => system === 'sys' || system === 'default',
    newMessageId: () => messageId,
    idempotency: createIdempotency(),
    version: { name: 'yunque', version: '1.2.3', commit: 'abc', node: 'n1', runtime: 'v26' },
    metrics: async () => 'yunque_up 1\n',
    readiness: () => ({ ready: true, degraded: false }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tail: () => () => {},
    reload: async () => ({ changes: [], warnings: [] }),
    stop: () => ({ clients: 0, hardLimitMs: 1000, dataDirectory: '/data' }),
    heapSnapshot: async () => ({ path: '/data/heap', bytes: 1, ms: 1 }),
    onRefused: (refusal) => refusals.push(refusal),
    isDraining: () => false,
    demo: false,
    systemsRequired: false,
    limits: { bodyBytes: 1024 * 1024, bodiesBytes: 2 ** 27, batch: 1000, jsonDepth: 32, idBytes: 255 },
    now: () => 1_700_000_000_000,
    logError: (error, where) => errors.push({ error, where }),
    ...options,
  });
  const server = createServer(ingress.handle);
  server.on('checkContinue', ingress.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    await ingress.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  t.after(close);
  const ask = (path: string, asked: Ask = {}) => askServer(port, path, asked);
  const post = (path: string, body: string, headers: Readonly<Record<string, string>> = { SystemId: 'sys' }) =>
    ask(path, { method: 'POST', body, headers });
  return { port, commands, refusals, errors, judged: access.judged, listeners, ask, post, close };
}

export function askServer(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: Ask = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: '127.0.0.1', path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** What a node with nobody connected answers. */
function emptyResult(command: Command): unknown {
  const page = { items: [], total: 0 };
  switch (command.type) {
    case 'push': {
      const receipt = {
        messageId: command.message.messageId,
        matched: 0,
        delivered: 0,
        stored: 0,
        dropped: {},
        missingNodes: [],
      };
      const { target } = command;
      if (target.to === 'users') return { ...receipt, offline: target.uids };
      return target.to === 'connections' ? { ...receipt, unknown: target.ids } : receipt;
    }
    case 'pushList':
      return { total: command.items.length, matched: 0, delivered: 0, dropped: {}, missingNodes: [], offline: [] };
    case 'join':
    case 'leave':
      return { matched: 1, changed: 1, unknown: [] };
    case 'kick':
      return { matched: 0, closed: 0 };
    case 'removeGroup':
      return { removed: 0 };
    case 'addSystem':
      return { system: command.system, createdAt: 1, connections: 0, users: 0, groups: 0 };
    case 'removeSystem':
      return { closed: 0 };
    case 'online':
      return { users: {}, connections: {} };
    case 'rotateKey':
      return { info: { ...command.grant, id: 'a', createdAt: 1 }, key: 'yq_a_b', removed: [] };
    case 'removeKey':
      return { owner: 'operator', role: 'read', id: command.id, createdAt: 1 };
    case 'ban':
      return { closed: 0, until: 1 };
    case 'unban':
      return { lifted: true };
    case 'listClientIds':
      return { clientIds: [] };
    case 'stats':
      return { schema: 'yunque.stats/1' };
    default:
      return page;
  }
}
