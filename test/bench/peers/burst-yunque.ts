import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNode } from '../../../src/app/node.ts';
import { createLiveConfig } from '../../../src/config/live-config.ts';
import { readConfig } from '../../../src/config/load-config.ts';
import { createMessageIds } from '../../../src/util/message-id.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { serveBursts } from './burst-server.ts';

/** A node as `serve` starts it, and messages go in where a door hands them over; settings come as arguments, `name=value`. */
const folder = mkdtempSync(join(tmpdir(), 'yunque-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
// No heartbeat during the bench: its clients answer none. Nobody is told who joins.
const set = ['heartbeat.json.pingInterval=1h', 'groups.notices=false', ...process.argv.slice(2)];
const flags = { port: 0, host: '127.0.0.1', dataDir: join(folder, 'data'), config: undefined, set };
const load = () => readConfig({ flags, env: {}, cwd: folder });
const live = createLiveConfig(load().config, load);
const { port, execute } = await startNode({ live, env: { XDG_RUNTIME_DIR: folder }, log: silentLogger() });
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
});
