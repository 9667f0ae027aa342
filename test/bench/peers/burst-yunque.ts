import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createClusterHome } from '../../../src/app/cluster/cluster-home.ts';
import { startNode } from '../../../src/app/node.ts';
import { createLiveConfig } from '../../../src/config/live-config.ts';
import { readConfig } from '../../../src/config/load-config.ts';
import { createMessageIds } from '../../../src/util/message-id.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { type Filled, serveBursts } from './burst-server.ts';

/**
 * A node as `serve` starts it, alone or in a cluster, and messages go in where a door hands them over. Settings come as arguments, `name=value`,
 * and so do variables of its environment, for values that no command line may show: `YUNQUE_CRYPTO_KEY=…`.
 */
const isVariable = (word: string) => word.startsWith('YUNQUE_');
const words = process.argv.slice(2);
const env = Object.fromEntries(words.filter(isVariable).map((word) => word.split(/=(.*)/s, 2)));
const folder = mkdtempSync(join(tmpdir(), 'yunque-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
// No heartbeat during the bench: its clients answer none. Nobody is told who joins.
const set = ['heartbeat.json.pingInterval=1h', 'groups.notices=false', ...words.filter((word) => !isVariable(word))];
const flags = { port: 0, host: '127.0.0.1', dataDir: join(folder, 'data'), config: undefined, set };
const load = () => readConfig({ flags, env, cwd: folder });
const live = createLiveConfig(load().config, load);
const options = { live, env: { XDG_RUNTIME_DIR: folder }, log: silentLogger() };
const home = live.config.cluster.enabled ? { home: createClusterHome(options) } : {};
const { port, execute } = await startNode({ ...options, ...home });
const newMessageId = createMessageIds();
const system = 'default';
const group = 'hall';

async function push(text: string): Promise<void> {
  const message = {
    kind: 'push',
    messageId: newMessageId(),
    sendUserId: '1',
    code: 0,
    msg: 'm',
    data: `"${text}"`,
  } as const;
  await execute({ type: 'push', door: 'http', system, target: { to: 'groups', groups: [group] }, message });
}

serveBursts({
  port,
  // A refusal nobody waits for ends the process, and with it the bench.
  send: (text) => void push(text),
  async join(ids) {
    const { changed } = await execute({ type: 'join', system, group, members: { by: 'connections', ids } });
    if (changed !== ids.length) throw new Error(`${changed} of ${ids.length} joined`);
  },
  async servers() {
    const { nodes, missingNodes } = await execute({ type: 'stats' });
    return missingNodes.length > 0 ? 0 : nodes.length;
  },
  fill,
});

/** In messages of 64 KiB, each client its own: the first megabytes vanish in the kernel. */
async function fill(ids: readonly string[], bytes: number): Promise<Filled> {
  const message = { kind: 'push', sendUserId: '1', code: 0, msg: 'm', data: `"${'x'.repeat(65_536)}"` } as const;
  for (let round = 0; round < 1000; round += 1) {
    const waiting = await queuesOf(ids);
    const room = ids.filter((id) => (waiting.get(id) ?? Number.POSITIVE_INFINITY) + message.data.length <= bytes);
    if (room.length === 0) break;
    for (const id of room) {
      const target = { to: 'connections', ids: [id] } as const;
      await execute({ type: 'push', door: 'http', system, target, message: { ...message, messageId: newMessageId() } });
    }
    await nextTurn();
  }
  const waiting = await queuesOf(ids);
  return { connected: waiting.size, waitingBytes: [...waiting.values()].reduce((sum, one) => sum + one, 0) };
}

/** Bytes that wait in this process, of those that are connected. */
async function queuesOf(ids: readonly string[]): Promise<Map<string, number>> {
  const wanted = new Set(ids);
  const queues = new Map<string, number>();
  let cursor: string | undefined;
  do {
    const page = await execute({ type: 'listConnections', query: { limit: 1000, ...(cursor && { cursor }) } });
    for (const { clientId, queueBytes } of page.items) if (wanted.has(clientId)) queues.set(clientId, queueBytes);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return queues;
}
