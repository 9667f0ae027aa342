import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '../../support/services/service.ts';
import { type BusName, clusterSettings, clusterVariables } from './cluster-settings.ts';
import { type ServeProcess, startServe } from './serve-process.ts';

const lookMs = 100;
const patienceMs = 20_000;

export interface ServeCluster extends AsyncDisposable {
  readonly nodes: readonly ServeProcess[];
}

/** Nodes as `yunque serve` starts them, each linked with all others. Rejects where they do not become one cluster. */
export async function startServeCluster(
  names: readonly string[],
  { redis, bus, command = [] }: { redis: Service; bus?: BusName; command?: readonly string[] },
): Promise<ServeCluster> {
  await using made = new AsyncDisposableStack();
  const [settings, env] = [clusterSettings(redis, bus), clusterVariables(bus)];
  const nodes: ServeProcess[] = [];
  for (const name of names) nodes.push(made.use(await startServe(name, { settings, env, command })));
  for (let waited = 0; !(await areOne(nodes)); waited += lookMs) {
    if (waited > patienceMs) throw new Error(`${names.join(', ')} have not become one cluster`);
    await delay(lookMs);
  }
  const owned = made.move();
  return { nodes, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function areOne(nodes: readonly ServeProcess[]): Promise<boolean> {
  const all = await Promise.all(nodes.map(({ admin }) => admin.stats()));
  return all.every((stats) => stats.nodes.length === nodes.length && stats.missingNodes.length === 0);
}
