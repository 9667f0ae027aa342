import { type Contestant, joinClients, type Kind } from './contestant.ts';
import type { Bench } from './row.ts';
import { type NodeServer, startNodeServer } from './server.ts';

export interface ServerPairOptions {
  readonly args: readonly string[];
  /** Milliseconds of processor that the servers between them have used. */
  readonly sharedCpuMs: () => Promise<number>;
}

/**
 * Two servers of a kind that share what is sent to either, the bench's clients at each of them, all in one group where they know groups.
 * Messages go in at the first, whose profile is taken; processor time is that of both and of what is between them.
 */
export async function startServerPair(
  bench: Bench,
  kind: Kind,
  { args, sharedCpuMs }: ServerPairOptions,
): Promise<Contestant<NodeServer>> {
  await using made = new AsyncDisposableStack();
  const start = async (name: string) =>
    made.use(await startNodeServer({ ...kind, name, args, command: bench.pinning.serverCommand }));
  const first = await start(`the first ${kind.name}`);
  const second = await start(`the second ${kind.name}`);
  await Promise.all([first.meet(2), second.meet(2)]);
  const owned = made.move();
  const server: NodeServer = {
    ...first,
    name: kind.name,
    cpuMs: async () => {
      const each = await Promise.all([first.cpuMs(), second.cpuMs(), sharedCpuMs()]);
      return each.reduce((sum, one) => sum + one, 0);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  return joinClients(bench, kind, { server, ports: [first.port, second.port] });
}
