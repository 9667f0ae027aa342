import { setTimeout as delay } from 'node:timers/promises';
import type { Report } from './clients.ts';
import { type Crowd, startCrowd } from './crowd.ts';
import { type NodeUnderTest, startNodeUnderTest } from './node-under-test.ts';
import { startTraffic, type Traffic } from './traffic.ts';
import { type Check, flatness, givenBack, type Held, never, type Sample } from './verdict.ts';

export interface SoakOptions {
  readonly clients: number;
  /** With the whole load. */
  readonly durationMs: number;
  readonly seed: number;
  readonly onProgress?: (done: number, text: string) => void;
}

export interface SoakResult {
  readonly schema: 'yunque.soak/1';
  readonly options: Omit<SoakOptions, 'onProgress'>;
  readonly checks: readonly Check[];
  readonly ok: boolean;
  readonly samples: readonly Sample[];
  readonly before: Held;
  readonly after: Held;
  readonly report: Report;
  readonly pushes: number;
  readonly deliveries: number;
  readonly disconnects: Readonly<Record<string, number>>;
  /** Times the node stood still for a second or more, and for how long in all. */
  readonly pauses: { readonly count: number; readonly seconds: number };
  readonly errors: readonly string[];
}

/** Shorter than by default, so that silent clients are found within a short soak too. */
const settings = [
  'heartbeat.json.pingInterval=5s',
  'heartbeat.json.timeout=10s',
  'heartbeat.protobuf.pingAfter=10s',
  'heartbeat.protobuf.timeout=25s',
  'bindTimeout=3s',
  'outbox.maxBytes=256KiB',
  'drain.grace=0s',
];
const warmUpClients = 200;
const warmUpMs = 3000;
const connectsPerSecond = 500;
const patienceMs = 20_000;

/** Loads a node for a while with clients that come and go in every way there is, and judges what it holds and whom it lost. */
export async function runSoak({ onProgress = () => {}, ...options }: SoakOptions): Promise<SoakResult> {
  const { clients, durationMs, seed } = options;
  await using node = await startNodeUnderTest(settings);
  onProgress(0, 'warming up');
  const before = await warmUp(node, seed);

  const rampMs = Math.min(durationMs / 4, (clients / connectsPerSecond) * 1000);
  const lifeMs = [Math.min(5000, durationMs / 60), Math.min(60_000, durationMs / 8)] as const;
  using crowd = startCrowd({ port: node.port, clients, seed, rampMs, lifeMs });
  onProgress(0, `${clients} clients connect`);
  await delay(rampMs);
  const traffic = startTraffic({ admin: node.admin, clients, seed });
  const samples = await sampleFor(durationMs, node, onProgress);
  const { report, missed } = await settle(crowd, traffic);
  const [stats] = (await node.admin.stats()).nodes;
  const after = await clear(node, crowd);
  const exitCode = await node.stop();

  const checks = [
    ...flatness(samples),
    ...givenBack(before, after),
    never('broadcasts missed, doubled or out of order', report.tally.gaps),
    never('clients that did not hear the last one', missed),
    never('unexpected ends and answers', sum(report.tally.unexpected)),
    never('errors in the log', node.errors.length),
    never('exit code', exitCode ?? 1),
  ];
  return {
    schema: 'yunque.soak/1',
    options,
    checks,
    ok: checks.every(({ ok }) => ok),
    samples,
    before,
    after,
    report,
    pushes: traffic.pushes,
    deliveries: stats?.deliveriesTotal ?? 0,
    disconnects: stats?.disconnects ?? {},
    pauses: stats?.pauses ?? { count: 0, seconds: 0 },
    errors: node.errors,
  };
}

/** What stays because it was used once is no leak: it is there before the first measurement. */
async function warmUp(node: NodeUnderTest, seed: number): Promise<Held> {
  using crowd = startCrowd({ port: node.port, clients: warmUpClients, seed, rampMs: 500, lifeMs: [200, 800] });
  const traffic = startTraffic({ admin: node.admin, clients: warmUpClients, seed });
  await delay(warmUpMs);
  await traffic.stop();
  return await clear(node, crowd);
}

async function sampleFor(
  durationMs: number,
  node: NodeUnderTest,
  onProgress: NonNullable<SoakOptions['onProgress']>,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const started = performance.now();
  const everyMs = Math.min(10_000, durationMs / 24);
  for (;;) {
    const atMs = Math.round(performance.now() - started);
    if (atMs >= durationMs) return samples;
    const held = await node.measure();
    const [stats] = (await node.admin.stats()).nodes;
    const connections = (stats?.connections ?? 0) + (stats?.pending ?? 0);
    samples.push({ ...held, atMs, connections });
    onProgress(atMs / durationMs, `${Math.round(atMs / 1000)} s, ${connections} connected`);
    await delay(everyMs);
  }
}

/** Ends churn and traffic, and waits until every client that is to hear has heard. */
async function settle(crowd: Crowd, traffic: Traffic): Promise<{ report: Report; missed: number }> {
  crowd.calm();
  await traffic.stop();
  const deadline = performance.now() + patienceMs;
  for (;;) {
    // Whoever came meanwhile hears this one.
    await traffic.broadcast();
    await delay(500);
    const report = await crowd.report(traffic.last);
    if (report.behind === 0 || performance.now() > deadline) return { report, missed: report.behind };
  }
}

/** All clients leave; resolves with what the node holds when it has forgotten them. */
async function clear(node: NodeUnderTest, crowd: Crowd): Promise<Held> {
  crowd.leave();
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const [stats] = (await node.admin.stats()).nodes;
    const { sockets } = await node.measure();
    const isEmpty = stats?.connections === 0 && stats.pending === 0;
    // The probe's two ends, and ours of the operator's socket.
    if ((isEmpty && sockets <= 4) || performance.now() > deadline) return await node.measure(10);
    await delay(100);
  }
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
