import { createMagic } from '../../../src/load/marker.ts';
import { Clients } from './clients.ts';
import { startOneWrite } from './one-write.ts';
import type { Bench } from './row.ts';
import { type NodeServer, type Server, startNodeServer } from './server.ts';

/** Bytes of a message's text. */
export const messageBytes = 128;
const strangers = 10;
/** A server with its clients. */
export interface Contestant<S extends Server = Server> extends AsyncDisposable {
  readonly server: S;
  readonly clients: Clients;
  /** Of a frame of the last run. */
  readonly payloadBytes: number;
}

export interface Kind {
  readonly name: string;
  readonly file: string;
  readonly path: string;
  readonly hello?: string;
  /** It tells each client its id, and knows groups: some clients are no members. */
  readonly idBehind?: string;
}

export const kinds = {
  yunque: { name: 'yunque', file: 'burst-yunque.ts', path: '/ws', idBehind: '"clientId":"' },
  naiveWs: { name: 'naive ws', file: 'burst-naive-ws.ts', path: '/' },
  socketIo: {
    name: 'socket.io',
    file: 'burst-socket-io.ts',
    path: '/socket.io/?EIO=4&transport=websocket',
    hello: '40',
  },
} as const satisfies Record<string, Kind>;

export interface ContestantOptions {
  readonly args?: readonly string[];
  readonly execArgv?: readonly string[];
  readonly lanes?: number;
  /** No first message: others send, and number what they send. */
  readonly isSilent?: boolean;
  /** Deliveries are given up where nothing has come for so long. */
  readonly patienceMs?: number;
}

/** A server of a kind with the bench's clients, members of one group where it knows groups, and a first message delivered. */
export async function startContestant(
  bench: Bench,
  kind: Kind,
  { lanes, patienceMs, isSilent, ...options }: ContestantOptions = {},
): Promise<Contestant<NodeServer>> {
  const { serverCommand: command } = bench.pinning;
  const server = await startNodeServer({ ...kind, ...options, command });
  return joinClients(bench, kind, { server, ports: [server.port], lanes, patienceMs, isSilent });
}

export interface ServerToJoin {
  /** Ends with the contestant. */
  readonly server: NodeServer;
  /** Where clients connect, as many at each. */
  readonly ports: readonly number[];
  readonly lanes?: number | undefined;
  readonly patienceMs?: number | undefined;
  readonly isSilent?: boolean | undefined;
}

/** As `startContestant`, of a server that runs. */
export async function joinClients(
  bench: Bench,
  kind: Kind,
  { server, ports, lanes, patienceMs, isSilent = false }: ServerToJoin,
): Promise<Contestant<NodeServer>> {
  await using made = new AsyncDisposableStack();
  made.use(server);
  const magic = createMagic(Math.random);
  const outside = kind.idBehind === undefined ? 0 : strangers;
  const crowd = { ...kind, ports, magic, members: bench.clients, strangers: outside };
  const clients = made.use(new Clients({ ...crowd, lanes, patienceMs }));
  await clients.opened();
  await server.join(clients.ids);
  if (!isSilent) await sendFirst(server, clients);
  return contestantOf(server, clients, made.move());
}

/** The C program with as many clients, writing frames as long as those of `like`. */
export async function startOneWriteLike(bench: Bench, { payloadBytes }: Contestant): Promise<Contestant> {
  await using made = new AsyncDisposableStack();
  const magic = createMagic(Math.random);
  const command = bench.pinning.serverCommand;
  const server = made.use(await startOneWrite({ clients: bench.clients, payloadBytes, magic, command }));
  const crowd = { ports: [server.port], path: '/', magic, members: bench.clients, strangers: 0 };
  const clients = made.use(new Clients(crowd));
  await clients.opened();
  await sendFirst(server, clients);
  return contestantOf(server, clients, made.move());
}

async function sendFirst(server: Server, clients: Clients): Promise<void> {
  await clients.begin();
  send(server, clients, 1);
  await clients.received(clients.members);
  await clients.verify();
}

function contestantOf<S extends Server>(server: S, clients: Clients, made: AsyncDisposableStack): Contestant<S> {
  return {
    server,
    clients,
    get payloadBytes() {
      const frameBytes = clients.bytesPerDelivery();
      return frameBytes - (frameBytes < 128 ? 2 : 4);
    },
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  };
}

/** `count` messages to all members in one turn of the server's loop. */
export function send(server: Server, clients: Clients, count: number, timeMicros = clients.microsNow): void {
  server.burst({ first: clients.announce(count), count, bytes: messageBytes, magic: clients.magic, timeMicros });
}

export interface RunFigures {
  readonly cpuMicrosPerDelivery: number;
  readonly deliveriesPerSecond: number;
  /** Of a core, while it ran: the server, and the thread with the clients. */
  readonly serverShare: number;
  readonly clientsShare: number;
  /** Of the time, in which that thread was at work or wanted to be: waiting for a processor is in it. */
  readonly clientsBusyShare: number;
  /** Milliseconds from the intended send time. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Whose processor time is known, and what came of it. */
export interface Measurable {
  readonly server: Pick<Server, 'cpuMs'>;
  readonly clients: Clients;
}

/** What `work` costs the server, and what the clients see of it; verified. `work` resolves when all has arrived, and answers how many deliveries. */
export async function measured({ server, clients }: Measurable, work: () => Promise<number>): Promise<RunFigures> {
  await clients.begin();
  const cpuBefore = await server.cpuMs();
  const startedAt = clients.clock();
  const deliveries = await work();
  const wallMs = clients.clock() - startedAt;
  const cpuMs = (await server.cpuMs()) - cpuBefore;
  const load = await clients.load();
  await clients.verify();
  const latencies = clients.latencies();
  return {
    cpuMicrosPerDelivery: (cpuMs * 1000) / deliveries,
    deliveriesPerSecond: (deliveries * 1000) / wallMs,
    serverShare: cpuMs / wallMs,
    clientsShare: (load.cpuSeconds * 1000) / wallMs,
    clientsBusyShare: load.busyShare,
    p50Ms: latencies.percentile(50) / 1000,
    p99Ms: latencies.percentile(99) / 1000,
  };
}

export interface Load {
  readonly bursts: number;
  /** Messages of a burst. */
  readonly size: number;
  /** Bursts under way at one time: a burst leaves when the one `window` before has arrived everywhere. */
  readonly window: number;
}

export function runBursts(contestant: Contestant, { bursts, size, window }: Load): Promise<RunFigures> {
  const { server, clients } = contestant;
  const each = size * clients.members;
  return measured(contestant, async () => {
    for (let burst = 0; burst < bursts; burst += 1) {
      if (burst >= window) await clients.received((burst - window + 1) * each);
      send(server, clients, size);
    }
    await clients.received(bursts * each);
    return bursts * each;
  });
}
