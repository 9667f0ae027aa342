// P1, P2 and the bursts of P3, on today's code: one message to 1000 connections, the server's CPU per delivery, against
// naive ws and socket.io in turn. Prints figures; judges nothing.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Usage } from './peers/answer-cpu.ts';

const CLIENTS = 1000;
const PAIRS = 5;
const data = 'x'.repeat(128);

interface Peer {
  readonly name: string;
  readonly file: string;
  /** Where clients connect, what they say, where a message is posted. */
  readonly path: string;
  readonly hello: readonly string[];
  readonly post: string;
  readonly body: string;
}

const peers: readonly Peer[] = [
  {
    name: 'yunque',
    file: 'yunque.ts',
    path: '/ws',
    hello: [],
    post: '/api/send_to_system',
    body: JSON.stringify({ sendUserId: '1', code: 0, msg: 'm', data }),
  },
  { name: 'naive ws', file: 'naive-ws.ts', path: '/', hello: [], post: '/', body: data },
  {
    name: 'socket.io',
    file: 'socket-io.ts',
    path: '/socket.io/?EIO=4&transport=websocket',
    hello: ['40'],
    post: '/',
    body: data,
  },
];

interface Running {
  readonly peer: Peer;
  readonly server: ChildProcess;
  readonly port: number;
  readonly clients: Worker;
}

async function start(peer: Peer): Promise<Running> {
  const server = fork(join(import.meta.dirname, 'peers', peer.file), { execArgv: ['--expose-gc'] });
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  const workerData = { port, path: peer.path, clients: CLIENTS, hello: peer.hello };
  const clients = new Worker(join(import.meta.dirname, 'peers/receivers.ts'), { workerData });
  await once(clients, 'message');
  await delay(500);
  return { peer, server, port, clients };
}

async function usage({ server }: Running): Promise<Usage> {
  server.send('usage');
  return ((await once(server, 'message')) as [Usage])[0];
}

async function framesOf({ clients }: Running): Promise<number> {
  clients.postMessage('count');
  return ((await once(clients, 'message')) as [number])[0];
}

const agent = new Agent({ keepAlive: true, maxSockets: 128 });

async function post({ peer, port }: Running): Promise<void> {
  const asked = request({
    port,
    host: '127.0.0.1',
    path: peer.post,
    method: 'POST',
    agent,
    headers: { SystemId: 'default' },
  });
  asked.end(peer.body);
  const [answer] = await once(asked, 'response');
  answer.resume();
  await once(answer, 'end');
}

interface Figure {
  readonly cpuMicros: number;
  readonly perSecond: number;
}

/** `bursts` times `size` messages at once, each burst after the one before has arrived everywhere. */
async function measure(running: Running, bursts: number, size: number): Promise<Figure> {
  const before = await framesOf(running);
  const { cpuMs } = await usage(running);
  const startedAt = performance.now();
  for (let burst = 1; burst <= bursts; burst += 1) {
    await Promise.all(Array.from({ length: size }, () => post(running)));
    await arrived(running, before + burst * size * CLIENTS);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const used = (await usage(running)).cpuMs - cpuMs;
  const delivered = (await framesOf(running)) - before;
  if (delivered !== bursts * size * CLIENTS) throw new Error(`${running.peer.name} delivered ${delivered}`);
  return { cpuMicros: (used * 1000) / delivered, perSecond: delivered / seconds };
}

/** Throws where nothing has come for five seconds: something was lost. */
async function arrived(running: Running, wanted: number): Promise<void> {
  let seen = 0;
  let seenAt = performance.now();
  for (;;) {
    const frames = await framesOf(running);
    if (frames >= wanted) return;
    if (frames > seen) {
      seen = frames;
      seenAt = performance.now();
    } else if (performance.now() - seenAt > 5000) {
      throw new Error(`${running.peer.name}: ${wanted - frames} deliveries are missing`);
    }
    await delay(1);
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const scenarios = [
  { name: 'one message at a time', bursts: 200, size: 1 },
  { name: 'bursts of 10', bursts: 40, size: 10 },
  { name: 'bursts of 100', bursts: 6, size: 100 },
] as const;

const running: Running[] = [];
for (const peer of peers) running.push(await start(peer));
process.stdout.write(`${CLIENTS} connections, 128 bytes of data, HTTP in, median of ${PAIRS} interleaved runs\n\n`);
process.stdout.write('scenario               server      CPU µs/delivery  deliveries/s  CPU, yunque = 1\n');
for (const { name, bursts, size } of scenarios) {
  const figures = new Map<string, Figure[]>(peers.map((peer) => [peer.name, []]));
  for (const one of running) await measure(one, Math.ceil(bursts / 4), size);
  for (let pair = 0; pair < PAIRS; pair += 1) {
    for (const one of running) figures.get(one.peer.name)?.push(await measure(one, bursts, size));
  }
  const cpuOf = (peer: string) => median((figures.get(peer) ?? []).map(({ cpuMicros }) => cpuMicros));
  for (const { name: peer } of peers) {
    const rate = median((figures.get(peer) ?? []).map(({ perSecond }) => perSecond));
    process.stdout.write(
      `${name.padEnd(22)} ${peer.padEnd(11)} ${cpuOf(peer).toFixed(2).padStart(15)} ${Math.round(rate).toLocaleString('en').padStart(13)} ` +
        `${(cpuOf(peer) / cpuOf('yunque')).toFixed(2).padStart(16)}\n`,
    );
  }
}
for (const one of running) {
  await one.clients.terminate();
  one.server.kill('SIGKILL');
}
