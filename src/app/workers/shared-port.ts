import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { takeLock } from '../../store/exclusive-lock.ts';
import { makePrivateDirectory } from '../../util/private-directory.ts';
import { type RuntimeEnv, runtimeDirectory } from '../../util/runtime-paths.ts';
import { portInUse } from '../listen.ts';
import { type Listeners, openListeners } from '../listeners.ts';
import { Owned } from '../owned.ts';

export interface SharedPortOptions {
  readonly config: Config;
  readonly env: RuntimeEnv;
  readonly onWarning: (warning: string) => void;
}

export interface SharedPort {
  /** The configuration with the ports that were chosen in it. */
  configOf(config: Config): Config;
  readonly listeners: Pick<Listeners, 'port' | 'ports' | 'host' | 'internalPort'>;
  /** Until workers listen, connections are answered 503 here. */
  handOver(): Promise<void>;
}

/**
 * Chooses the ports, and keeps others from them. The kernel would let a second supervisor of this user listen beside the
 * workers: so the ports must be free when they are taken, and a lock is held for as long as this process lives. Throws
 * `StartError`.
 */
export async function takeSharedPort({ config, env, onWarning }: SharedPortOptions, owned: Owned): Promise<SharedPort> {
  const probe = new Owned();
  const found = await openListeners({ config, isFull: () => false, onWarning }, probe);
  await probe[Symbol.asyncDispose]();
  const { port, ports, internalPort, host } = found;
  lockPort(env, config.host, port, owned);
  const configOf = (wanted: Config): Config => ({
    ...wanted,
    port,
    listeners: wanted.listeners.map((listener, at) => ({ ...listener, port: ports[at + 1] ?? listener.port })),
    internal: {
      ...wanted.internal,
      listen: wanted.internal.listen && {
        ...wanted.internal.listen,
        port: internalPort ?? wanted.internal.listen.port,
      },
    },
  });
  const held = new Owned();
  owned.add('the ports', () => held[Symbol.asyncDispose]());
  await openListeners({ config: configOf(config), isFull: () => false, sharing: 'hold', onWarning: () => {} }, held);
  return {
    configOf,
    listeners: { port, ports, internalPort, host },
    handOver: () => held[Symbol.asyncDispose](),
  };
}

/** Where the folder of locks cannot be used nothing is locked. */
function lockPort(env: RuntimeEnv, host: string | undefined, port: number, owned: Owned): void {
  const directory = runtimeDirectory(env);
  let lock: ReturnType<typeof takeLock> | 'none' = 'none';
  try {
    const name = (host ?? 'all').replaceAll(/[^\w.-]/g, '_');
    if (makePrivateDirectory(directory)) lock = takeLock(join(directory, `port-${name}-${port}.lock`));
  } catch {
    return;
  }
  if (lock === undefined) throw portInUse(port, host);
  if (lock !== 'none') owned.add('the lock on the port', lock.release);
}
