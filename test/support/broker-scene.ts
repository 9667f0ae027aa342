import assert from 'node:assert/strict';
import type { ClusterOptions, ClusterProcess } from './cluster-process.ts';
import { readinessOf, type Scene, startScene } from './cluster-scene.ts';
import { eventually } from './eventually.ts';
import type { Scope } from './services/scope.ts';
import { sharedService } from './services/shared.ts';

export type BrokerName = 'rabbitmq' | 'kafka';

/** Three nodes over a broker of the test's own, and a Redis that others use too. */
export async function startBrokerScene(t: Scope, bus: BrokerName, options: Partial<ClusterOptions>): Promise<Scene> {
  const { hostname, port } = new URL((await sharedService(t, 'redis')).url);
  return startScene(t, { redis: { host: hostname, port: Number(port || 6379) }, bus, ...options });
}

/** How a cluster gets to its broker, wherever that listens. */
export function brokerAt(bus: BrokerName, { host, port }: { readonly host: string; readonly port: number }) {
  const variables: Readonly<Record<string, string>> =
    bus === 'rabbitmq'
      ? { YUNQUE_RABBITMQ_URL: `amqp://guest:guest@${host}:${port}` }
      : { YUNQUE_KAFKA_BROKERS: `${host}:${port}` };
  return variables;
}

/** What a node says of its bus, in its three places. */
export interface BusView {
  /** `200 ok`, `200 degraded` or `503 …`. */
  readonly ready: string;
  readonly reasons: readonly string[];
  readonly isUp: boolean;
  /** Broadcasts of this node, and those of them that went over the RPC. */
  readonly sent: number;
  readonly fallbacks: number;
  readonly figures: ReadonlyMap<string, number>;
}

export async function busOf(node: ClusterProcess): Promise<BusView> {
  const [ready, metrics, { health }] = await Promise.all([
    readinessOf(node),
    metricsOf(node),
    node.admin.node(node.id),
  ]);
  const figures = new Map<string, number>();
  for (const [, what = '', value] of metrics.matchAll(/^yunque_bus_events_total\{[^}]*what="(\w+)"\} (\d+)$/gm)) {
    figures.set(what, Number(value));
  }
  const up = /^yunque_bus_up\{engine="\w+"\} ([01])$/m.exec(metrics)?.[1];
  assert.ok(up !== undefined, metrics);
  return {
    ready,
    reasons: health.reasons,
    isUp: up === '1',
    sent: figures.get('broadcasts_sent') ?? Number.NaN,
    fallbacks: figures.get('broadcasts_fallbacks') ?? Number.NaN,
    figures,
  };
}

async function metricsOf({ url }: ClusterProcess): Promise<string> {
  return (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(8000) })).text();
}

/** Resolves when every node's view of its bus fits; says what they saw last where they do not. */
export async function whenBus(
  what: string,
  nodes: readonly ClusterProcess[],
  fits: (view: BusView) => boolean,
  patienceMs = 20_000,
): Promise<void> {
  let last: readonly BusView[] = [];
  const ask = async () => {
    last = await Promise.all(nodes.map(busOf));
    return last.every(fits);
  };
  await eventually(what, ask, patienceMs).catch((error: Error) => {
    const seen = last.map(({ figures, ...view }) => JSON.stringify({ ...view, ...Object.fromEntries(figures) }));
    throw new Error(`${error.message}: ${seen.join('\n')}`);
  });
}

/** But for the event loop of a machine that is busy. */
const hasTrouble = ({ reasons }: BusView): boolean => reasons.some((reason) => !reason.startsWith('the event loop'));

export const isWell = (view: BusView): boolean => view.isUp && view.ready.startsWith('200') && !hasTrouble(view);

/** Resolves when what each node broadcasts goes over the bus again: many in a row, none of them over the RPC. */
export async function whenBusIsUsed(nodes: readonly ClusterProcess[], patienceMs = 20_000): Promise<void> {
  await Promise.all(
    nodes.map(async (node) => {
      let from = await busOf(node);
      await eventually(
        `${node.id} uses the bus`,
        async () => {
          const now = await busOf(node);
          if (now.fallbacks > from.fallbacks) from = now;
          return now.sent >= from.sent + 10;
        },
        patienceMs,
      );
    }),
  );
}

/** Resolves when on each stream to groups and systems so many more were answered; throws where one was not, or a receipt names a node. */
export async function whenPublishedWhole(scene: Scene, count: number, patienceMs = 20_000): Promise<void> {
  const { ledger } = scene;
  const since = performance.now();
  const answered = () => ledger.entriesSince(since).filter(({ answeredAt }) => answeredAt !== undefined);
  const names = ['group-default', 'group-shop', 'all-default', 'all-shop'];
  await eventually(
    `${count} more on each stream`,
    () => names.every((name) => answered().filter(({ stream }) => stream === name).length >= count),
    patienceMs,
  );
  for (const { stream, number, receipt, failure } of answered()) {
    assert.deepEqual(receipt?.missingNodes, [], `${stream} ${number}: ${failure ?? JSON.stringify(receipt)}`);
    assert.equal(receipt?.delivered, receipt?.matched, `${stream} ${number}: ${JSON.stringify(receipt)}`);
  }
}

/**
 * The way from a fault to the first push to a group that was whole, for what was sent after it; and the longest that anything waited for its
 * receipt since. In milliseconds.
 */
export function pushTimesSince({ ledger }: Scene, faultAt: number) {
  const whole = ledger
    .entriesSince(faultAt)
    .filter(({ stream, receipt }) => !stream.startsWith('user-') && receipt?.missingNodes.length === 0);
  const first = Math.min(...whole.map(({ answeredAt = Number.NaN }) => answeredAt - faultAt));
  const longest = Math.max(...whole.map(({ sentAt, answeredAt = Number.NaN }) => answeredAt - sentAt));
  return { firstMs: Math.round(first), longestMs: Math.round(longest) };
}

export const since = (from: number): number => Math.round(performance.now() - from);

export interface Fault {
  readonly what: string;
  harm(): Promise<void> | void;
  heal(): Promise<void> | void;
}

/** Nobody notices that there is no broker, but who looks. */
export async function goWithoutBroker(
  t: { diagnostic(text: string): void },
  scene: Scene,
  { what, harm, heal }: Fault,
): Promise<void> {
  const { nodes } = scene.cluster;
  await whenBusIsUsed(nodes);
  const before = await Promise.all(nodes.map(busOf));
  await harm();
  const lostAt = performance.now();
  const isDegraded = ({ ready, isUp, reasons }: BusView) =>
    ready === '200 degraded' && !isUp && /the bus \w+ is down/.test(reasons.join());
  await whenBus(`${what}: every node says so, and is ready`, nodes, isDegraded);
  const saidMs = since(lostAt);
  await whenPublishedWhole(scene, 20);
  await scene.whenCounted();
  for (const [at, { fallbacks, isUp, ready }] of (await Promise.all(nodes.map(busOf))).entries()) {
    assert.ok(fallbacks > (before[at]?.fallbacks ?? 0), `node ${at} broadcast over the RPC`);
    assert.deepEqual([isUp, ready], [false, '200 degraded']);
  }
  const { firstMs, longestMs } = pushTimesSince(scene, lostAt);
  t.diagnostic(
    `${what}: first push over RPC after ${firstMs} ms, none waited longer than ${longestMs} ms; said ${saidMs} ms`,
  );
  await heal();
  const backAt = performance.now();
  await whenBus(`${what}, over: all is well`, nodes, isWell);
  const upMs = since(backAt);
  await whenBusIsUsed(nodes);
  t.diagnostic(`${what}, over: the bus is up after ${upMs} ms, and used after ${since(backAt)} ms at most`);
  await whenPublishedWhole(scene, 5);
}

/** The last node, and nobody else, has lost its way to the broker. */
export async function goWithOneCutOff(
  t: { diagnostic(text: string): void },
  scene: Scene,
  { what, harm, heal }: Fault,
): Promise<void> {
  const { ledger, last, nodes } = scene;
  const others = nodes.filter((node) => node !== last);
  await whenBusIsUsed(nodes);
  await harm();
  const cutAt = performance.now();
  await whenBus(
    `${what}: the node says it is not ready`,
    [last],
    ({ ready, isUp }) => ready.startsWith('503') && !isUp,
  );
  const saidMs = since(cutAt);
  for (const other of others) assert.ok(isWell(await busOf(other)), `${other.id} is well`);
  assert.match((await busOf(last)).reasons.join(), /this node cannot reach the bus .*, \S+ can/);
  const saidAt = performance.now();
  await eventually('its clients get what is published now', () => hasCome(scene, saidAt), 20_000);
  const { longestMs } = pushTimesSince(scene, cutAt);
  const named = ledger.entriesSince(cutAt).filter(({ receipt }) => receipt?.missingNodes.length !== 0).length;
  t.diagnostic(
    `${what}: 503 after ${saidMs} ms; none waited longer than ${longestMs} ms for a whole receipt, ${named} were not whole`,
  );
  await heal();
  const healedAt = performance.now();
  await whenBus(`${what}, over: all is well`, nodes, isWell, 60_000);
  const upMs = since(healedAt);
  await whenBusIsUsed(nodes);
  t.diagnostic(`${what}, over: the bus is up after ${upMs} ms, and used after ${since(healedAt)} ms at most`);
  await whenPublishedWhole(scene, 5);
}

/** Whether every device of the last node has got something of each of its streams that was sent since then. */
function hasCome({ ledger, last }: Scene, sentSince: number): boolean {
  return ledger.devicesOf(last).every((device) => {
    const got = ledger.received(device);
    return device.streams.every((stream) => {
      const first = ledger.entriesSince(sentSince, stream)[0]?.number ?? Number.POSITIVE_INFINITY;
      return (got.get(stream)?.at(-1) ?? 0) >= first;
    });
  });
}
