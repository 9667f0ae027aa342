import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseCondition } from '../../src/api/condition.ts';
import type { ListQuery } from '../../src/api/listing.ts';
import { type SnapshotQuery, snapshotLists } from '../../src/api/snapshot.ts';
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
    const answer =
      url.pathname === '/admin/v1/stats'
        ? stats.stats()
        : url.pathname === '/admin/v1/connections'
          ? stats.connections(readQuery(url.searchParams))
          : url.pathname === '/admin/v1/snapshot'
            ? stats.snapshot(readSnapshotQuery(url.searchParams))
            : Promise.reject(new Error('nothing here'));
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
