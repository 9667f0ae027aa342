import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createAdminClient } from '../../src/client/admin-client.ts';
import { eventually } from './eventually.ts';
import { openRaw, type RawClient } from './raw-client.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

export interface ChildNodeOptions {
  /** `ulimit -n` */
  readonly openFiles?: number;
  /** `ulimit -f`: the most that a file may hold, as on a disk that is full. */
  readonly fileKib?: number;
  /** Flags of Node. */
  readonly node?: readonly string[];
  /** Flags of `serve`. */
  readonly serve?: readonly string[];
}

/** A node in a process of its own, which may have less of everything than this one; it and its clients end with the test. */
export async function startChildNode(t: TestContext, { openFiles, fileKib, node = [], serve = [] }: ChildNodeOptions) {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-child-'));
  const limits = [openFiles === undefined ? '' : `ulimit -n ${openFiles}; `, fileKib ? `ulimit -f ${fileKib}; ` : ''];
  const script = `${limits.join('')}exec "$@"`;
  const flags = ['serve', '0', '--host', '127.0.0.1', '--data-dir', join(folder, 'data'), ...serve];
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_RUNTIME_DIR: folder, LANG: 'C' };
  const child = spawn('bash', ['-c', script, 'bash', process.execPath, ...node, main, ...flags], { env });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const sockets: Socket[] = [];
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    if (isAlive()) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  });
  const isServing = () => {
    assert.ok(isAlive(), said);
    return said.includes('"msg":"serving"');
  };
  // A process starts slowly where others take the processor.
  await eventually('it serves', isServing, 60_000);
  const port = Number(/"port":(\d+)/.exec(said)?.[1]);
  const socketPath = join(folder, 'yunque', `${port}.sock`);
  return {
    port,
    pid: child.pid as number,
    socketPath,
    admin: createAdminClient({ socketPath, timeoutMs: 5000 }),
    said: () => said,
    isAlive,
    upgrade: async (path = '/ws'): Promise<RawClient> => {
      const client = await openRaw(port);
      sockets.push(client.socket);
      await client.upgrade(port, path).catch(() => {});
      return client;
    },
    /** A TCP connection that says nothing. */
    idle: async (): Promise<Socket> => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      sockets.push(socket);
      await once(socket, 'connect');
      return socket;
    },
  };
}
