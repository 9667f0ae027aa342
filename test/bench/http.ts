// P9 and P10: what a POST costs from its socket to the clients' sockets. Prints figures; judges nothing. With BENCH_PROFILES=FOLDER
// each server leaves its CPU profile there.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { clientFrame, opcode } from '../support/raw-frames.ts';
import { writeRequest } from '../support/ws-decode.ts';
import type { CpuQuestion, Usage } from './peers/answer-cpu.ts';
import type { Round, RoundFigures, Work } from './peers/post-load.ts';

const users = 1000;
export const listLength = 100;
const pairs = 5;
const text = 'x'.repeat(128);

/** What one server did in one scenario: medians of the rounds. */
export interface PostFigures {
  readonly server: string;
  readonly postsPerSecond: number;
  /** The server's CPU for each POST, everything that follows from it included. */
  readonly cpuMicrosPerPost: number;
  /** Of that, in the kernel. */
  readonly systemMicrosPerPost: number;
  /** Share of a core the load took: above 0.9 it was the load that was measured. */
  readonly loadShare: number;
}

export interface Comparison {
  readonly ours: PostFigures;
  readonly peer: PostFigures;
  /** CPU of the peer for each POST, divided by ours: the same server time does so many times the peer's work. */
  readonly ratio: number;
  /** Of the pairs: the least and the greatest. */
  readonly spread: readonly [number, number];
}

export interface Scenario {
  readonly name: string;
  readonly file: string;
  readonly work: Omit<Work, 'port'>;
  readonly round: Round;
}

const ours = { file: 'yunque.ts', clientPath: '/yunque' } as const;
const inFlight = { connections: 64, depth: 1 } as const;

/** Given our server and a further round as its work, when all pairs are measured. */
export type Profiled = (
  server: { profile(work: () => Promise<unknown>): Promise<Profiler.Profile> },
  work: () => Promise<unknown>,
) => Promise<void>;

/** P9: one MessageProto to one user with one connection, against a node:http server that answers the same body. */
export function measureUnicast(posts = 20_000, profiled?: Profiled): Promise<Comparison> {
  const requests = uids().map((uid) => ({ path: '/send', body: messageTo(uid) }));
  return compare(
    {
      name: 'yunque',
      file: ours.file,
      work: { requests, ...inFlight, clients: binds(), clientPath: ours.clientPath },
      round: { posts, framesPerPost: 1 },
    },
    {
      name: 'bare node:http',
      file: 'bare-http.ts',
      work: { requests, ...inFlight, clients: [], clientPath: '/' },
      round: { posts, framesPerPost: 0 },
    },
    profiled,
  );
}

/** Naive ws with as many clients: on each POST a text is sent to the next hundred of them. */
export function naiveList(posts: number): Scenario {
  return {
    name: 'naive ws',
    file: 'naive-list.ts',
    work: {
      requests: [{ path: '/', body: text }],
      connections: 32,
      depth: 1,
      clients: uids().map(() => ''),
      clientPath: '/',
    },
    round: { posts, framesPerPost: listLength },
  };
}

/** P10: lists of 100 MessageProtos, each to another user, against ws in a loop over as many clients. */
export function measureList(posts = 500): Promise<Comparison> {
  const requests = Array.from({ length: users / listLength }, (_, at) => {
    const some = uids().slice(at * listLength, (at + 1) * listLength);
    return { path: '/send/sendList', body: `[${some.map(messageTo).join(',')}]` };
  });
  const few = { connections: 32, depth: 1 };
  return compare(
    {
      name: 'yunque',
      file: ours.file,
      work: { requests, ...few, clients: binds(), clientPath: ours.clientPath },
      round: { posts, framesPerPost: listLength },
    },
    naiveList(posts),
  );
}

export function uids(): string[] {
  return Array.from({ length: users }, (_, at) => `user-${at}`);
}

export function messageTo(uid: string): string {
  return JSON.stringify({
    id: 748,
    action: 'chat',
    content: { text },
    sender: '1001',
    receiver: uid,
    title: 'a title',
  });
}

/** What each user's client says first: a `client_bind` of the yunque dialect. */
export function binds(): string[] {
  return uids().map((uid) =>
    clientFrame(opcode.binary, writeRequest('yunque', 'client_bind', { uid, channel: 'web' })).toString('hex'),
  );
}

export interface Running {
  readonly scenario: Scenario;
  readonly server: ChildProcess;
  readonly load: ChildProcess;
}

export async function startPosts(scenario: Scenario): Promise<Running> {
  const peers = join(import.meta.dirname, 'peers');
  const profiles = process.env['BENCH_PROFILES'];
  const execArgv =
    profiles === undefined ? [] : ['--cpu-prof', '--cpu-prof-interval=200', `--cpu-prof-dir=${profiles}`];
  const server = fork(join(peers, scenario.file), { execArgv });
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  const load = fork(join(peers, 'post-load.ts'), { execArgv: [] });
  load.send({ ...scenario.work, port } satisfies Work);
  await once(load, 'message');
  return { scenario, server, load };
}

async function usageOf(server: ChildProcess): Promise<Usage> {
  return (await askServer(server, 'usage')) as Usage;
}

async function askServer(server: ChildProcess, asked: CpuQuestion): Promise<unknown> {
  server.send(asked);
  return (await once(server, 'message'))[0];
}

async function profile(server: ChildProcess, work: () => Promise<unknown>): Promise<Profiler.Profile> {
  await askServer(server, 'startProfile');
  await work();
  return (await askServer(server, 'stopProfile')) as Profiler.Profile;
}

export async function measurePosts({ scenario, server, load }: Running, round: Round): Promise<PostFigures> {
  const before = await usageOf(server);
  load.send(round);
  const [{ seconds, cpuMs, refused }] = (await once(load, 'message')) as [RoundFigures];
  const after = await usageOf(server);
  if (refused > 0) throw new Error(`${scenario.name} refused ${refused} of ${round.posts} POSTs`);
  return {
    server: scenario.name,
    postsPerSecond: round.posts / seconds,
    cpuMicrosPerPost: ((after.cpuMs - before.cpuMs) * 1000) / round.posts,
    systemMicrosPerPost: ((after.systemMs - before.systemMs) * 1000) / round.posts,
    loadShare: cpuMs / 1000 / seconds,
  };
}

/** Both servers run all the time; rounds take turns, after one to warm up. */
async function compare(mine: Scenario, theirs: Scenario, profiled?: Profiled): Promise<Comparison> {
  const running = [await startPosts(mine), await startPosts(theirs)] as const;
  try {
    for (const one of running) await measurePosts(one, one.scenario.round);
    const rounds: [PostFigures, PostFigures][] = [];
    for (let pair = 0; pair < pairs; pair += 1) {
      rounds.push([
        await measurePosts(running[0], running[0].scenario.round),
        await measurePosts(running[1], running[1].scenario.round),
      ]);
    }
    const [own] = running;
    await profiled?.({ profile: (work) => profile(own.server, work) }, () => measurePosts(own, own.scenario.round));
    const ratios = rounds.map(([one, peer]) => peer.cpuMicrosPerPost / one.cpuMicrosPerPost);
    return {
      ours: medians(rounds.map(([one]) => one)),
      peer: medians(rounds.map(([, peer]) => peer)),
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
    };
  } finally {
    for (const { server, load } of running) {
      load.kill('SIGKILL');
      server.disconnect();
      await once(server, 'exit');
    }
  }
}

function medians(rounds: readonly PostFigures[]): PostFigures {
  return {
    server: rounds[0]?.server ?? '',
    postsPerSecond: median(rounds.map(({ postsPerSecond }) => postsPerSecond)),
    cpuMicrosPerPost: median(rounds.map(({ cpuMicrosPerPost }) => cpuMicrosPerPost)),
    systemMicrosPerPost: median(rounds.map(({ systemMicrosPerPost }) => systemMicrosPerPost)),
    loadShare: median(rounds.map(({ loadShare }) => loadShare)),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function print(title: string, perPost: number, { ours: own, peer, ratio, spread }: Comparison): void {
  process.stdout.write(`${title}\n`);
  for (const { server, postsPerSecond, cpuMicrosPerPost, systemMicrosPerPost, loadShare } of [own, peer]) {
    const rate = Math.round(postsPerSecond * perPost).toLocaleString('en');
    const limit = loadShare > 0.9 ? ', the load was the limit' : '';
    process.stdout.write(
      `  ${server.padEnd(16)} ${(cpuMicrosPerPost / perPost).toFixed(2).padStart(8)} µs CPU each (${(systemMicrosPerPost / perPost).toFixed(2)} in the kernel) ${rate.padStart(10)}/s` +
        `   load ${Math.round(loadShare * 100)} % of a core${limit}\n`,
    );
  }
  const [least, most] = spread;
  process.stdout.write(`  ${ratio.toFixed(2)} of the peer by CPU (${least.toFixed(2)} to ${most.toFixed(2)})\n`);
}

if (import.meta.main) {
  const words = process.argv.slice(2);
  if (!words.includes('list')) print('P9: POST /send, one user each', 1, await measureUnicast());
  if (!words.includes('unicast')) {
    print('P10: POST /send/sendList, 100 users each, by push', listLength, await measureList());
  }
}
