import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readableByOthers } from '../config/environment.ts';
import type { Config } from '../config/schema.ts';
import type { Bans } from '../store/bans.ts';
import { keptSecret, openDataDirectory, openToOthers } from '../store/data-directory.ts';
import type { Keys } from '../store/keys.ts';
import { lockNodeId } from '../store/node-lock.ts';
import { SqliteBans } from '../store/sqlite-bans.ts';
import { SqliteKeys } from '../store/sqlite-keys.ts';
import { SqliteSystems } from '../store/sqlite-systems.ts';
import type { Systems } from '../store/systems.ts';
import { type FileUpgrade, openSystemsFile } from '../store/systems-file.ts';
import { defaultDataDirectory, type RuntimeEnv, runtimeDirectory } from '../util/runtime-paths.ts';
import { StartError } from '../util/start-error.ts';
import type { Owned } from './owned.ts';

/** Who a node is, from run to run. */
export interface Identity {
  readonly dataDirectory: string;
  readonly nodeId: string;
  /** Encrypts clientIds. */
  readonly cryptoKey: string;
}

/** What lasts from run to run. */
export interface Stores extends Identity {
  readonly systems: Systems;
  readonly keys: Keys;
  readonly bans: Bans;
}

export interface IdentityOptions {
  readonly config: Pick<Config, 'dataDir' | 'crypto'>;
  readonly env: RuntimeEnv;
  /** Names the data directory where nothing else does. */
  readonly port: number;
}

export interface StoresOptions extends IdentityOptions {
  readonly config: Pick<Config, 'dataDir' | 'crypto' | 'systems'>;
  /** One line each: secrets that others can read. */
  readonly warn: (line: string) => void;
  readonly onUpgrade: (upgrade: FileUpgrade) => void;
}

/** Opens, or makes, the data directory, and keeps it and the node id for this process. Throws `StartError`. */
export function openIdentity({ config, env, port }: IdentityOptions, owned: Owned): Identity {
  const directory = openDataDirectory(config.dataDir ?? defaultDataDirectory(env, port));
  owned.add('the data directory', () => directory.release());
  const nodeId = kept(directory.path, 'node-id', /^[\w.-]{1,64}$/, () => randomBytes(6).toString('hex'));
  const lock = lockNodeId({ runtimeDirectory: runtimeDirectory(env), nodeId, dataDirectory: directory.path });
  owned.add('the lock on the node id', () => lock.release());
  const cryptoKey =
    config.crypto.key ??
    kept(directory.path, 'crypto.key', /^(?:.{16}|.{24}|.{32})$/, () => randomBytes(24).toString('base64url'));
  return { dataDirectory: directory.path, nodeId, cryptoKey };
}

/** Opens, or makes, the data directory and what is kept in it. Throws `StartError`. */
export async function openStores({ warn, onUpgrade, ...options }: StoresOptions, owned: Owned): Promise<Stores> {
  const { config } = options;
  const identity = openIdentity(options, owned);
  const { dataDirectory } = identity;
  const file = openSystemsFile(join(dataDirectory, 'systems.db'), onUpgrade);
  owned.add('the systems', () => file.close());
  for (const path of openToOthers(dataDirectory, ['crypto.key', 'systems.db', 'systems.db-wal'])) {
    warn(readableByOthers(path));
  }
  const systems = new SqliteSystems(file);
  await systems.addAll(config.systems.list, Date.now());
  const [keys, bans] = [new SqliteKeys(file), new SqliteBans(file)];
  return { ...identity, systems, keys, bans };
}

/** As `keptSecret`; throws `StartError` where the file holds something else than it should. */
function kept(directory: string, file: string, form: RegExp, make: () => string): string {
  const text = keptSecret(directory, file, make);
  if (form.test(text)) return text;
  throw new StartError(`${join(directory, file)} is damaged`, {
    hint: 'restore it from a backup; or remove it, and a new one is made (ids given out before are then unknown)',
  });
}
