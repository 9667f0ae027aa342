import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exitCodes } from '../api/errors.ts';
import type { Config } from '../config/schema.ts';
import { sanitizeLine } from '../util/control-characters.ts';
import { makeDirectory } from '../util/make-directory.ts';
import { defaultDataDirectory } from '../util/runtime-paths.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { programArgs } from './heap-limit.ts';
import { hearNode } from './serve-handshake.ts';

/** Of what a node wrote before it failed. */
const maxShownBytes = 64 * 1024;

/**
 * Starts the same program with the same words in the background, in a session of its own, and returns when it serves. What it
 * writes goes to `yunque.log` in its data directory, where its process id is too. Where it ends before it serves, what it
 * wrote is shown and its exit code is ours.
 */
export async function serveDetached(context: CliContext, config: Config): Promise<void> {
  const { line } = context.text;
  if (config.dataDir === undefined && config.port === 0) {
    throw new CliError(line.detachNeedsPlace, { hint: line.detachNeedsPlaceHint });
  }
  const directory = resolve(config.dataDir ?? defaultDataDirectory(context.env, config.port));
  const logFile = join(directory, 'yunque.log');
  const log = openLog(directory, logFile);
  try {
    const child = spawn(
      process.execPath,
      [...programArgs(config.maxHeapBytes), ...context.args.filter((word) => word !== '--detach')],
      {
        detached: true,
        stdio: ['ignore', log, log, 'ipc'],
        windowsHide: true,
      },
    );
    const startedAt = fstatSync(log).size;
    const signal = context.interruptSignal();
    signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    const heard = await hearNode(child);
    if ('code' in heard) {
      showFailure(context, logFile, startedAt);
      const there = signal.aborted ? undefined : await nodeOnPort(context, config.port);
      if (there !== undefined) context.note(line.portIsOurs(config.port, there));
      context.exitCode = signal.aborted ? exitCodes.interrupted : (heard.code ?? exitCodes.failed);
      return;
    }
    child.disconnect();
    child.unref();
    const { node, port, dataDirectory } = heard;
    const printer = await context.printer();
    await printer.record('yunque.detached/1', {
      node,
      port,
      pid: child.pid,
      dataDirectory: resolve(dataDirectory),
      log: logFile,
    });
    context.note(line.detached(port));
  } finally {
    closeSync(log);
  }
}

function openLog(directory: string, file: string): number {
  try {
    makeDirectory(directory);
    return openSync(file, 'a', 0o600);
  } catch (error) {
    throw new CliError(`cannot write ${file}: ${(error as Error).message}`, {
      exit: exitCodes.failed,
      hint: 'name a folder that this user may write to with --data-dir',
    });
  }
}

function showFailure(context: CliContext, file: string, from: number): void {
  const reader = openSync(file, 'r');
  try {
    const length = Math.min(fstatSync(reader).size - from, maxShownBytes);
    const buffer = Buffer.alloc(length);
    const text = buffer.toString('utf8', 0, readSync(reader, buffer, 0, length, from));
    for (const line of text.trimEnd().split('\n')) context.stderr.write(`${sanitizeLine(line)}\n`);
  } finally {
    closeSync(reader);
  }
}

/** The id of the node that serves the port already, where it is one that this user may ask; `?` where it does not say. */
async function nodeOnPort(context: CliContext, port: number): Promise<string | undefined> {
  const { findLocalNodes } = await import('../client/local-nodes.ts');
  const node = (await findLocalNodes(context.env)).find((each) => each.port === port && each.state === 'live');
  if (node === undefined) return undefined;
  const { createAdminClient } = await import('../client/admin-client.ts');
  using client = createAdminClient({ socketPath: node.socketPath, timeoutMs: 1000 });
  return await client.version().then(
    ({ node }) => node,
    () => '?',
  );
}
