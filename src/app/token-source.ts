import { resolve } from 'node:path';
import { createHttpSource } from '../access/tokens/http-source.ts';
import { createJwksSource } from '../access/tokens/jwks-source.ts';
import { createJwtSource, readPublicKey, readSecret } from '../access/tokens/jwt-source.ts';
import type { ClaimRules } from '../access/tokens/read-claims.ts';
import { createRedisSource } from '../access/tokens/redis-source.ts';
import type { TokenSource } from '../access/tokens/source.ts';
import { exitCodes } from '../api/errors.ts';
import { readableByOthers } from '../config/environment.ts';
import { isPublished } from '../config/published-keys.ts';
import { readFileFromDisk } from '../config/read-file.ts';
import { wrongWithRedisUrl } from '../config/server-kinds.ts';
import type { TokenSetting } from '../config/token-source.ts';
import { type SettingPlace, StartError } from '../util/start-error.ts';

const defaultTimeoutMs = 3000;
const redisTimeoutMs = 2000;

/** Everything a source is made from: those of equal ones do the same. */
export interface SourcePlan {
  readonly setting: TokenSetting;
  readonly rules: ClaimRules;
  /** Of the file that the setting names, if any: a secret, a public key, a URL. */
  readonly text: string | undefined;
}

interface PlanSetup {
  /** In `auth.tokens`. */
  readonly index: number;
  readonly rules: ClaimRules;
  /** About files that others can read. */
  readonly warn: (line: string) => void;
}

/** Reads the file of a source and proves that it can be used. Throws `StartError` (78). */
export function planSource(setting: TokenSetting, { index, rules, warn }: PlanSetup): SourcePlan {
  const fileOf: FileOf = (field, path = '') => ({ path, at: { key: 'auth.tokens', path: [index, field] }, warn });
  return { setting, rules, text: textOf(setting, fileOf) };
}

/** A file that a setting names. */
interface KeyFile {
  readonly path: string;
  readonly at: SettingPlace;
  readonly warn: (line: string) => void;
}

type FileOf = (field: string, path: string | undefined) => KeyFile;

/** Opens what was planned; the caller closes it. */
export async function openSource({ setting, rules, text = '' }: SourcePlan, name: string): Promise<TokenSource> {
  const shared = { name, systems: setting.systems, ...rules };
  switch (setting.type) {
    case 'jwt': {
      const { algorithm, secret = text } = setting;
      const key = algorithm === 'HS256' ? readSecret(secret) : readPublicKey(text, algorithm);
      return createJwtSource({ ...setting, ...shared, key });
    }
    case 'jwks':
      return createJwksSource({ ...setting, ...shared, timeoutMs: defaultTimeoutMs });
    case 'http': {
      const { url, timeout: timeoutMs = defaultTimeoutMs, concurrency: atOnce = 64, secret = text } = setting;
      return createHttpSource({ ...shared, url, timeoutMs, atOnce, secret });
    }
    case 'redis': {
      const { url = text, prefix = 'yunque:token:' } = setting;
      return createRedisSource({ ...shared, url, prefix, timeoutMs: redisTimeoutMs });
    }
    default:
      return setting satisfies never;
  }
}

function textOf(setting: TokenSetting, fileOf: FileOf): string | undefined {
  switch (setting.type) {
    case 'jwt': {
      const { algorithm, publicKeyFile } = setting;
      if (algorithm === 'HS256') return secretOf(setting, fileOf);
      const file = fileOf('publicKeyFile', publicKeyFile);
      const text = readFile(file);
      parsed(file, () => readPublicKey(text, algorithm));
      return text;
    }
    case 'jwks':
      return undefined;
    case 'http':
      return secretOf(setting, fileOf);
    case 'redis':
      return setting.url === undefined ? redisUrl(fileOf('urlFile', setting.urlFile)) : undefined;
    default:
      return setting satisfies never;
  }
}

function secretOf(
  { secret, secretFile }: { readonly secret?: string; readonly secretFile?: string },
  fileOf: FileOf,
): string | undefined {
  return secret === undefined ? longSecret(fileOf('secretFile', secretFile)) : undefined;
}

function longSecret(file: KeyFile): string {
  const text = readSecretFile(file);
  parsed(file, () => readSecret(text));
  if (isPublished(text)) {
    throw wrong(file, 'this secret is published, so everybody knows it; `openssl rand -base64 32` makes a good one');
  }
  return text;
}

function redisUrl(file: KeyFile): string {
  const url = readSecretFile(file);
  const flaw = wrongWithRedisUrl(url);
  if (flaw !== undefined) throw wrong(file, `expected a URL such as redis://:password@127.0.0.1:6379/0, found ${flaw}`);
  return url;
}

/** Without the line break at its end. */
function readFile(file: KeyFile, onReadable: () => void = () => {}): string {
  const content = readFileFromDisk(resolve(file.path));
  if (content.outcome !== 'read') throw wrong(file, content.outcome === 'absent' ? 'no such file' : content.reason);
  if (content.readableByOthers) onReadable();
  return content.text.replace(/\r?\n$/, '');
}

function readSecretFile(file: KeyFile): string {
  return readFile(file, () => file.warn(readableByOthers(file.path)));
}

function parsed<T>(file: KeyFile, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw wrong(file, (error as Error).message);
  }
}

function wrong({ path, at }: KeyFile, message: string): StartError {
  return new StartError(`${path}: ${message}`, { at, exitCode: exitCodes.badConfig });
}
