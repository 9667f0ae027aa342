import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningNode, startNode } from '../../src/app/node.ts';
import { createAdminClient } from '../../src/client/admin-client.ts';
import { createLiveConfig } from '../../src/config/live-config.ts';
import { readConfig } from '../../src/config/load-config.ts';
import type { Logger } from '../../src/telemetry/log.ts';
import { silentLogger } from './silent-logger.ts';

export type AdminClient = ReturnType<typeof createAdminClient>;

export interface TestNode extends AsyncDisposable {
  readonly node: RunningNode;
  readonly port: number;
  readonly url: string;
  readonly ws: string;
  readonly admin: AdminClient;
  readonly dataDirectory: string;
}

/**
 * A real node of this process on a free port (unless given) with a data directory of its own; gone, directory included, when disposed of.
 * `set`: settings as `--set` takes them, e.g. `['bindTimeout=200ms']`; a reload reads the list again, with what the test has put there.
 */
export async function startTestNode(
  options: { set?: readonly string[]; dataDirectory?: string; port?: number; log?: Logger } = {},
): Promise<TestNode> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-'));
  const dataDirectory = options.dataDirectory ?? join(folder, 'data');
  const load = () =>
    readConfig({
      flags: {
        port: options.port ?? 0,
        dataDir: dataDirectory,
        set: ['drain.grace=0s', ...(options.set ?? [])],
        config: undefined,
      },
      env: {},
      cwd: folder,
    });
  const { config, problems } = load();
  assert.deepEqual(problems, []);
  const live = createLiveConfig(config, load);
  const node = await startNode({ live, env: { XDG_RUNTIME_DIR: folder }, log: options.log ?? silentLogger() });
  node.onStopAsked((ask) => void node.stop(ask).catch(() => {}));
  const { socketFile } = node.operator;
  if (socketFile === undefined) throw new Error('the temporary folder has too long a name for a socket');
  return {
    node,
    port: node.port,
    url: `http://127.0.0.1:${node.port}`,
    ws: `ws://127.0.0.1:${node.port}`,
    admin: createAdminClient({ socketPath: socketFile, timeoutMs: 5000 }),
    dataDirectory,
    [Symbol.asyncDispose]: async () => {
      await node.stop({ hurry: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
