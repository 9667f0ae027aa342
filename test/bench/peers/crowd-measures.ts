import { type ChildProcess, fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CpuQuestion, Usage } from './answer-cpu.ts';
import type { Crowd, CrowdKind } from './crowd-clients.ts';

/** A figure of ours and the peer's of the same run. */
export interface Pair {
  readonly yunque: number;
  readonly peer: number;
}

/** Medians, and what each round gave. */
export interface PairOfRuns extends Pair {
  readonly runs: { readonly yunque: readonly number[]; readonly peer: readonly number[] };
}

const SECRET = 'only-a-bench-signs-with-this-secret-0123456789';
const serverFiles = { yunque: 'crowd-yunque.ts', 'socket.io': 'crowd-socket-io.ts', bare: 'crowd-ws.ts' } as const;
const atOnce = 64;

/** A server in a process of its own, and a process for its clients. */
class Place implements AsyncDisposable {
  readonly kind: CrowdKind;
  readonly #server: ChildProcess;
  readonly #clients: ChildProcess;
  readonly port: number;

  private constructor(kind: CrowdKind, server: ChildProcess, port: number) {
    this.kind = kind;
    this.#server = server;
    this.port = port;
    this.#clients = fork(join(import.meta.dirname, 'crowd-clients.ts'));
    const onExit = (code: number | null) => {
      if (code !== null && code !== 0) throw new Error(`a process of the bench with ${kind} ended with ${code}`);
    };
    server.on('exit', onExit);
    this.#clients.on('exit', onExit);
  }

  static async open(kind: CrowdKind): Promise<Place> {
    const server = fork(join(import.meta.dirname, serverFiles[kind]), {
      execArgv: ['--expose-gc', ...(process.env['BENCH_NODE_OPTIONS']?.split(' ') ?? [])],
      env: { ...process.env, BENCH_SECRET: SECRET },
    });
    const [{ port }] = (await once(server, 'message')) as [{ port: number }];
    return new Place(kind, server, port);
  }

  /** `cpu`: without a collection of garbage before. */
  async usage(asked: 'usage' | 'cpu' = 'usage'): Promise<Usage> {
    return (await this.#ask(asked)) as Usage;
  }

  /** Of the server, until the end of `work`. */
  async profile(work: () => Promise<unknown>): Promise<Profiler.Profile> {
    await this.#ask('startProfile');
    await work();
    return (await this.#ask('stopProfile')) as Profiler.Profile;
  }

  async #ask(asked: CpuQuestion): Promise<unknown> {
    this.#server.send(asked);
    return (await once(this.#server, 'message'))[0];
  }

  /** Answers how many milliseconds it took. */
  async come(count: number): Promise<number> {
    const crowd: Crowd = { port: this.port, kind: this.kind, clients: clientsOf(this.kind, count), atOnce };
    this.#clients.send(crowd);
    return ((await once(this.#clients, 'message')) as [{ came: number }])[0].came;
  }

  async leave(): Promise<void> {
    this.#clients.send('leave');
    await once(this.#clients, 'message');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#clients.kill('SIGKILL');
    const exited = once(this.#server, 'exit');
    // No signal: it writes its profile where one was asked for.
    this.#server.disconnect();
    await exited;
  }
}

/** P6, P7: `memory` in KB of RSS for each connection; `cpu` in percent of a core over `ms` milliseconds. */
export async function idle(count: number, ms: number): Promise<{ readonly memory: Pair; readonly cpu: Pair }> {
  const figures = [];
  for (const kind of ['yunque', 'socket.io'] as const) {
    await using place = await Place.open(kind);
    // What a process takes once, such as compiled code, is no connection's.
    await place.come(Math.min(500, count));
    await place.leave();
    await place.usage();
    await delay(10_000);
    const before = await place.usage();
    await place.come(count);
    if (kind === 'yunque') await joinRooms(place.port, count);
    await delay(2000);
    await place.usage();
    await delay(2000);
    const settled = await place.usage();
    await delay(ms);
    const after = await place.usage();
    figures.push({
      // At the end: V8 gives back the pages of its nursery some seconds after they were needed.
      memory: (after.rssBytes - before.rssBytes) / 1024 / count,
      // One collection that the measuring itself asks for is in it.
      cpu: ((after.cpuMs - settled.cpuMs) / ms) * 100,
    });
  }
  const [ours, theirs] = figures as [(typeof figures)[0], (typeof figures)[0]];
  return { memory: { yunque: ours.memory, peer: theirs.memory }, cpu: { yunque: ours.cpu, peer: theirs.cpu } };
}

/** Does `work`, with the profiler on. */
export type Profiled = (server: Pick<Place, 'profile'>, work: () => Promise<unknown>) => Promise<void>;

/**
 * P8, medians of interleaved pairs: connections and logins a second, and the server's CPU for each in microseconds. Then `profiled` is given
 * ours, and a further round as its work.
 */
export async function connecting(
  count: number,
  pairs: number,
  profiled?: Profiled,
): Promise<{ readonly perSecond: PairOfRuns; readonly micros: PairOfRuns }> {
  await using ours = await Place.open('yunque');
  await using theirs = await Place.open('bare');
  const rounds: { readonly perSecond: number; readonly micros: number }[][] = [[], []];
  for (let round = -1; round < pairs; round += 1) {
    for (const [at, place] of [ours, theirs].entries()) {
      const before = await place.usage();
      const tookMs = await place.come(count);
      const after = await place.usage('cpu');
      const micros = ((after.cpuMs - before.cpuMs) * 1000) / count;
      await place.leave();
      await delay(500);
      // The first warms up.
      if (round >= 0) rounds[at]?.push({ perSecond: (count * 1000) / tookMs, micros });
    }
  }
  await profiled?.(ours, () => ours.come(count));
  const figure = (name: 'perSecond' | 'micros'): PairOfRuns => {
    const [own = [], peers = []] = rounds.map((each) => each.map((one) => one[name]));
    return { yunque: median(own), peer: median(peers), runs: { yunque: own, peer: peers } };
  };
  return { perSecond: figure('perSecond'), micros: figure('micros') };
}

function clientsOf(kind: CrowdKind, count: number): Crowd['clients'] {
  return Array.from({ length: count }, (_, at) => {
    if (kind === 'bare') return { path: '/' };
    const token = tokenOf(`u${at}`);
    if (kind === 'yunque') return { path: `/yunque?token=${token}&deviceId=d${at}&channel=web` };
    return { path: '/socket.io/?EIO=4&transport=websocket', say: `40${JSON.stringify({ token })}` };
  });
}

/** A JWT that says who its bearer is for an hour. */
function tokenOf(uid: string): string {
  const json = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const said = `${json({ alg: 'HS256', typ: 'JWT' })}.${json({ sub: uid, exp: Math.floor(Date.now() / 1000) + 3600 })}`;
  return `${said}.${createHmac('sha256', SECRET).update(said).digest('base64url')}`;
}

/** As the socket.io peer does: one room with everybody, and one of a hundred. */
async function joinRooms(port: number, count: number): Promise<void> {
  const uids = Array.from({ length: count }, (_, at) => `u${at}`);
  for (let from = 0; from < count; from += 1000) await postJoin(port, 'all', uids.slice(from, from + 1000));
  for (let room = 0; room < 100; room += 1) {
    await postJoin(
      port,
      `room${room}`,
      uids.filter((_, at) => at % 100 === room),
    );
  }
}

async function postJoin(port: number, room: string, uids: readonly string[]): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  const asked = request({ port, host: '127.0.0.1', path: '/room/join', method: 'POST', headers });
  asked.end(JSON.stringify({ room, uids }));
  const [answer] = await once(asked, 'response');
  const chunks = (await answer.toArray()) as Buffer[];
  const said = Buffer.concat(chunks).toString();
  if (!said.includes(`"matched":${uids.length},`))
    throw new Error(`${room} was to be joined by ${uids.length}: ${said}`);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
