import { createHttpSource } from '../access/tokens/http-source.ts';
import { createJwksSource } from '../access/tokens/jwks-source.ts';
import { createJwtSource, readPublicKey, readSecret } from '../access/tokens/jwt-source.ts';
import type { ClaimRules } from '../access/tokens/read-claims.ts';
import { createRedisSource } from '../access/tokens/redis-source.ts';
import type { TokenSource } from '../access/tokens/source.ts';
import { wrongWithRedisUrl } from '../config/server-kinds.ts';
import type { TokenSetting } from '../config/token-source.ts';
import { type NamedFile, parsedFile, readHmacSecret, readNamedFile, readNamedUrl } from './named-file.ts';

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

type FileOf = (field: string, path: string | undefined) => NamedFile;

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
      const text = readNamedFile(file);
      parsedFile(file, () => readPublicKey(text, algorithm));
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
  return secret === undefined ? readHmacSecret(fileOf('secretFile', secretFile)) : undefined;
}

function redisUrl(file: NamedFile): string {
  return readNamedUrl(file, { example: 'redis://:password@127.0.0.1:6379/0', flawOf: wrongWithRedisUrl });
}
