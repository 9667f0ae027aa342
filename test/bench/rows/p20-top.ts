import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startRedis } from '../../support/services/redis.ts';
import { absolute, differenceOf, type Measured, side } from '../harness/measured.ts';
import { ownScope } from '../harness/own-scope.ts';
import { released } from '../harness/released.ts';
import { type Bench, type Row, scaled } from '../harness/row.ts';
import { startServeCluster } from '../harness/serve-cluster.ts';
import type { ServeProcess } from '../harness/serve-process.ts';
import { endOf } from '../harness/server.ts';
import { StalledClients } from '../harness/stalled-clients.ts';
import { broadcast, broadcastSteadily } from '../harness/steady-broadcasts.ts';
import { startTop, type TopProcess } from '../harness/top-process.ts';

const names = ['the first node', 'the second node', 'the third node'];
const clientsAtEach = 5000;
const broadcastsPerSecond = 2;
const windowMs = 10_000;
const settleMs = 3000;
/** More than the kernel takes for a socket that nobody reads; those that wait at the end are less than `outbox.maxBytes`. */
const fill = { messages: 200, bytes: 128 * 1024, waiting: 4 };
/** Messages to everybody at once: several times what a second has by itself, on one refresh or on two. */
const burstOf = 8;

export const row: Row = {
  id: 'P20',
  scenario: '`yunque top`, all clients in a sorted list, once a second: three nodes, 15 000 connections under load',
  targets: [
    { figure: 'top', what: 'CPU of `yunque top`', limit: '≤ 10 %' },
    { figure: 'api', what: 'CPU of the worst node that its questions take', limit: '≤ 2 %' },
    { figure: 'killed', what: 'until the screen shows a node that was killed', limit: '≤ 2 s' },
    { figure: 'slow', what: 'until it shows a slow consumer', limit: '≤ 2 s' },
    { figure: 'burst', what: 'until it shows a burst', limit: '≤ 2 s' },
    { figure: 'kick', what: 'until it shows a kick', limit: '≤ 2 s' },
  ],
  // Three nodes, their clients and top share the cores; processor time is counted for each process.
  run: (bench) => released(bench, () => measure(bench)),
};

async function measure(bench: Bench) {
  await using scope = ownScope();
  const redis = await startRedis(scope);
  await using cluster = await startServeCluster(names, { redis });
  const { nodes } = cluster;
  const [first] = nodes as [ServeProcess];
  bench.progress('connecting');
  const each = scaled(bench, clientsAtEach);
  await using _crowd = await openCrowd(nodes, each);
  await using steady = broadcastSteadily(first.port, broadcastsPerSecond);
  await using top = await startTop(first);
  await top.terminal.until('everybody is online', () => top.head().online === each * nodes.length);
  await sortByDelivered(top);
  const before = steady.sent;
  const { cpu, api } = await windows(bench, nodes, top);
  const latencies = await delays(bench, nodes, top);
  const figures: Record<string, Measured> = {
    top: absolute(side('top', '%', cpu)),
    api,
    ...Object.fromEntries(Object.entries(latencies).map(([name, runs]) => [name, worstOf(runs)])),
    'one question, of the node that is asked': absolute(side('CPU', 'ms', [await questionMs(bench, nodes)])),
  };
  const sent = steady.sent - before;
  return {
    figures,
    notes: [
      `${broadcastsPerSecond} messages a second to all ${each * nodes.length} clients (${sent} in all), sent at the first node, which \`top\` asks too. A figure in seconds is the worst of its tries.`,
    ],
  };
}

/** A column whose figures change all the time. */
async function sortByDelivered({ terminal }: TopProcess): Promise<void> {
  const sorted = () => /\S+[↑↓]/.exec(terminal.screen.text)?.[0];
  for (let was = sorted(); was !== 'DELIV↓'; was = sorted()) {
    terminal.type('>');
    await terminal.until('another column leads', () => sorted() !== undefined && sorted() !== was);
  }
}

/** Processes of clients, one for each node. */
async function openCrowd(nodes: readonly ServeProcess[], each: number): Promise<AsyncDisposable> {
  const file = join(import.meta.dirname, '../peers/crowd-readers.ts');
  const crowds: ChildProcess[] = [];
  const end = async () => void (await Promise.all(crowds.map((crowd) => endOf(crowd))));
  try {
    for (const { port } of nodes) {
      const crowd = fork(file, [String(port), String(each)]);
      crowds.push(crowd);
      await Promise.race([once(crowd, 'message'), failWhenGone(crowd)]);
    }
  } catch (error) {
    await end();
    throw error;
  }
  return { [Symbol.asyncDispose]: end };
}

async function failWhenGone(crowd: ChildProcess): Promise<never> {
  const [code, signal] = await once(crowd, 'exit');
  throw new Error(`the clients ended (${code ?? signal})`);
}

/** In turn without its questions and with them, what each node takes; and what `top` takes, in percent of a core. */
async function windows(bench: Bench, nodes: readonly ServeProcess[], top: TopProcess) {
  const ms = windowMs * bench.scale;
  const shares = async (): Promise<{ readonly nodes: readonly number[]; readonly top: number }> => {
    await delay(Math.min(settleMs, ms));
    const before = await Promise.all([...nodes, top].map((one) => one.cpuMs()));
    const since = performance.now();
    await delay(ms);
    const after = await Promise.all([...nodes, top].map((one) => one.cpuMs()));
    const took = performance.now() - since;
    const all = after.map((cpu, at) => ((cpu - (before[at] ?? 0)) / took) * 100);
    return { nodes: all.slice(0, nodes.length), top: all.at(-1) ?? Number.NaN };
  };
  const without: (readonly number[])[] = [];
  const withTop: (readonly number[])[] = [];
  const cpu: number[] = [];
  for (let pair = 0; pair < bench.pairs; pair += 1) {
    bench.progress(`pair ${pair + 1} of ${bench.pairs}`);
    top.freeze();
    without.push((await shares()).nodes);
    top.thaw();
    const asked = await shares();
    withTop.push(asked.nodes);
    cpu.push(asked.top);
  }
  const differences = nodes.map(({ name }, node) => {
    const of = (runs: readonly (readonly number[])[]) => runs.map((shares) => shares[node] ?? Number.NaN);
    return differenceOf(side(`${name} with top`, '%', of(withTop)), side('without', '%', of(without)));
  });
  const api = differences.reduce((worst, one) => (one.value > worst.value ? one : worst));
  return { cpu, api };
}

/** Asked far more often than `top` does, one question after the other, so that what one takes stands out of the load. */
async function questionMs(bench: Bench, nodes: readonly ServeProcess[]): Promise<number> {
  const [first] = nodes as [ServeProcess];
  const count = scaled(bench, 200);
  const ask = () =>
    first.admin.snapshot({ list: 'connections', query: { sort: 'delivered', descending: true, limit: 40 } });
  const cpuOf = async (work: () => Promise<unknown>) => {
    const before = await first.cpuMs();
    const since = performance.now();
    await work();
    return { cpuMs: (await first.cpuMs()) - before, ms: performance.now() - since };
  };
  const idle = await cpuOf(() => delay(windowMs * bench.scale));
  const asked = await cpuOf(async () => {
    for (let n = 0; n < count; n += 1) await ask();
  });
  return (asked.cpuMs - (idle.cpuMs / idle.ms) * asked.ms) / count;
}

type Latencies = Readonly<Record<'killed' | 'slow' | 'burst' | 'kick', readonly number[]>>;

async function delays(bench: Bench, nodes: readonly ServeProcess[], top: TopProcess): Promise<Latencies> {
  const [first, , third] = nodes as [ServeProcess, ServeProcess, ServeProcess];
  const latencies = { burst: [] as number[], slow: [] as number[], kick: [] as number[], killed: [] as number[] };
  for (let run = 0; run < bench.pairs; run += 1) {
    bench.progress(`what the screen shows when: ${run + 1} of ${bench.pairs}`);
    latencies.burst.push(await burst(first, top));
    latencies.slow.push(await slowConsumer(third, top));
    latencies.kick.push(await kick(third, top));
  }
  // As many as can be killed: the one that is asked has to stay.
  for (const node of nodes.slice(1).reverse()) {
    const left = top.head().nodes - 1;
    process.kill(node.pid, 'SIGKILL');
    latencies.killed.push(await top.secondsUntil('a node is gone', () => top.head().nodes === left));
  }
  return latencies;
}

/** From its first message on. */
async function burst(node: ServeProcess, top: TopProcess): Promise<number> {
  const usual = top.head().online * broadcastsPerSecond;
  await top.terminal.until('the load is as always', () => (top.head().out ?? Number.POSITIVE_INFINITY) < 1.5 * usual);
  const shown = top.secondsUntil('a burst', () => (top.head().out ?? 0) > 2 * usual);
  await Promise.all([shown, ...Array.from({ length: burstOf }, () => broadcast(node.port))]);
  return shown;
}

/** From the moment on at which the first message is sent to it: what it takes to fill the kernel's buffers is in it. */
async function slowConsumer(node: ServeProcess, top: TopProcess): Promise<number> {
  using stalled = await StalledClients.open(node.port, 1);
  const [id = ''] = stalled.ids;
  top.terminal.type('6');
  await top.terminal.until('nobody is slow', () => top.head().slow === 0);
  const body = 'y'.repeat(fill.bytes);
  const shown = top.secondsUntil(
    'a slow client',
    () => top.head().slow === 1 && top.terminal.screen.text.includes(shownOf(id)),
  );
  for (let [sent, waiting] = [0, 0]; sent < fill.messages && waiting < fill.waiting; sent += 1) {
    // The kernel may still take what waited once.
    waiting = (await hasToWait(node, id, body)) ? waiting + 1 : 0;
  }
  const seconds = await shown;
  top.terminal.type('2');
  return seconds;
}

/** Sends it one more. */
async function hasToWait({ admin }: ServeProcess, id: string, body: string): Promise<boolean> {
  const receipt = await admin.send({ target: { to: 'connections', ids: [id] }, push: { msg: 'fill', data: body } });
  return receipt.queued > 0;
}

/** What the list has room for of an id. */
function shownOf(id: string): string {
  return id.slice(0, 16);
}

/** From the key that confirms it until the client is no longer in the list. */
async function kick(node: ServeProcess, top: TopProcess): Promise<number> {
  using clients = await StalledClients.open(node.port, 1);
  const [id = ''] = clients.ids;
  const isShown = () => top.terminal.screen.lines.slice(4, -2).some((line) => line.includes(shownOf(id)));
  top.terminal.type(`2/${shownOf(id)}\r`);
  await top.terminal.until('the client is in the list', isShown);
  top.terminal.type('x');
  await top.terminal.shows(/\by\b/);
  const shown = top.secondsUntil('the client is gone', () => !isShown());
  top.terminal.type('y');
  const seconds = await shown;
  top.terminal.type('\u001b');
  return seconds;
}

/** People wait for the worst. */
function worstOf(runs: readonly number[]): Measured {
  return {
    value: Math.max(...runs),
    unit: 's',
    ...(runs.length > 1 && { spread: [Math.min(...runs), Math.max(...runs)] as const }),
    sides: [side('median', 's', runs)],
  };
}
