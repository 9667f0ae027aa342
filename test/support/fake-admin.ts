import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KickResult } from '../../src/api/command.ts';
import { parseCondition } from '../../src/api/condition.ts';
import type { ListQuery } from '../../src/api/listing.ts';
import type { Receipt } from '../../src/api/receipt.ts';
import { type SnapshotQuery, snapshotLists } from '../../src/api/snapshot.ts';
import type { EventStreamItem } from '../../src/client/events.ts';
import type { TailStreamItem } from '../../src/client/tail.ts';
import { createFakeStats, type FakeStats, type FakeStatsOptions } from './fake-stats.ts';

export interface FakeAdmin extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly stats: FakeStats;
  /** Drops every connection and refuses new ones, until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** The part of the admin API the dashboard asks, on made-up figures, on a free port of this machine. */
export async function startFakeAdmin(options?: FakeStatsOptions): Promise<FakeAdmin> {
  const stats = createFakeStats(options);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake');
    const path = url.pathname.replace('/admin/v1', '');
    if (path === '/events') return sendEvents(response, (signal) => stats.events({ signal }));
    if (path === '/tail') return sendEvents(response, (signal) => stats.tail({ signal }));
    const answer = answerOf(stats, `${request.method} ${path}`, url.searchParams);
    answer.then(
      (body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    stats,
    stop,
    start: () => listen(port),
    [Symbol.asyncDispose]: stop,
  };
}

/** Kicks and sends are answered as if they had been done. */
async function answerOf(stats: FakeStats, what: string, parameters: URLSearchParams): Promise<object> {
  switch (what.replace(/(connections|users)\/.*/, '$1/:id')) {
    case 'GET /stats':
      return await stats.stats();
    case 'GET /connections':
      return await stats.connections(readQuery(parameters));
    case 'GET /snapshot':
      return await stats.snapshot(readSnapshotQuery(parameters));
    case 'DELETE /connections/:id':
      return { matched: 1, closed: 1 } satisfies KickResult;
    case 'DELETE /users/:id':
      return { matched: 2, closed: 2 } satisfies KickResult;
    case 'POST /send':
      return {
        messageId: 'm-1',
        matched: 1,
        delivered: 1,
        queued: 0,
        stored: 0,
        dropped: {},
        missingNodes: [],
      } satisfies Receipt;
    default:
      throw new Error('nothing here');
  }
}

/** What comes is sent until the reader leaves. */
function sendEvents(
  response: ServerResponse,
  open: (signal: AbortSignal) => AsyncIterable<EventStreamItem | TailStreamItem>,
): void {
  const aborter = new AbortController();
  response.on('close', () => aborter.abort());
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = async () => {
    for await (const said of open(aborter.signal)) {
      const data = said.type === 'event' ? said.event : said.type === 'item' ? said.item : undefined;
      if (data !== undefined) response.write(`data: ${JSON.stringify(data)}\n\n`);
    }
  };
  void send().finally(() => response.end());
}

function readSnapshotQuery(parameters: URLSearchParams): SnapshotQuery {
  const list = snapshotLists.find((kind) => kind === parameters.get('list'));
  return { list, query: readQuery(parameters) };
}

function readQuery(parameters: URLSearchParams): ListQuery {
  const where = parameters.getAll('where').map(parseCondition);
  const limit = parameters.get('limit');
  const texts = ['system', 'search', 'sort', 'cursor'].flatMap((name) => {
    const value = parameters.get(name);
    return value === null ? [] : [[name, value]];
  });
  return {
    ...Object.fromEntries(texts),
    ...(where.length > 0 && { where }),
    ...(limit !== null && { limit: Number(limit) }),
    ...(parameters.get('descending') === 'true' && { descending: true }),
  };
}
