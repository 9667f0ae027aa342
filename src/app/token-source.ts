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
import { type TokenSetting, wrongWithRedisUrl } from '../config/token-source.ts';
import { StartError } from '../util/start-error.ts';

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
  /** `auth.tokens[0]` */
  readonly key: string;
  readonly rules: ClaimRules;
  /** About files that others can read. */
  readonly warn: (line: string) => void;
}

/** Reads the file of a source and proves that it can be used. Throws `StartError` (78). */
export function planSource(setting: TokenSetting, { key, rules, warn }: PlanSetup): SourcePlan {
  return { setting, rules, text: textOf(setting, key, warn) };
}

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

function textOf(setting: TokenSetting, key: string, warn: (line: string) => void): string | undefined {
  switch (setting.type) {
    case 'jwt': {
      const { algorithm, publicKeyFile = '' } = setting;
      if (algorithm === 'HS256') return secretOf(setting, key, warn);
      const text = readFile(publicKeyFile, `${key}.publicKeyFile`);
      parsed(`${key}.publicKeyFile: ${publicKeyFile}`, () => readPublicKey(text, algorithm));
      return text;
    }
    case 'jwks':
      return undefined;
    case 'http':
      return secretOf(setting, key, warn);
    case 'redis':
      return setting.url === undefined ? redisUrl(setting.urlFile ?? '', `${key}.urlFile`, warn) : undefined;
    default:
      return setting satisfies never;
  }
}

function secretOf(
  { secret, secretFile = '' }: { readonly secret?: string; readonly secretFile?: string },
  key: string,
  warn: (line: string) => void,
): string | undefined {
  return secret === undefined ? longSecret(secretFile, `${key}.secretFile`, warn) : undefined;
}

function longSecret(path: string, key: string, warn: (line: string) => void): string {
  const text = readSecretFile(path, key, warn);
  parsed(`${key}: ${path}`, () => readSecret(text));
  if (isPublished(text)) {
    throw wrong(
      `${key}: ${path}: this secret is published, so everybody knows it; \`openssl rand -base64 32\` makes a good one`,
    );
  }
  return text;
}

function redisUrl(path: string, key: string, warn: (line: string) => void): string {
  const url = readSecretFile(path, key, warn);
  const flaw = wrongWithRedisUrl(url);
  if (flaw !== undefined)
    throw wrong(`${key}: ${path}: expected a URL such as redis://:password@127.0.0.1:6379/0, found ${flaw}`);
  return url;
}

/** The text of a file, without the line break at its end. */
function readFile(path: string, key: string, onReadable: () => void = () => {}): string {
  const file = readFileFromDisk(resolve(path));
  if (file.outcome !== 'read') {
    throw wrong(`${key}: ${path}: ${file.outcome === 'absent' ? 'no such file' : file.reason}`);
  }
  if (file.readableByOthers) onReadable();
  return file.text.replace(/\r?\n$/, '');
}

function readSecretFile(path: string, key: string, warn: (line: string) => void): string {
  return readFile(path, key, () => warn(readableByOthers(path)));
}

function parsed<T>(where: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw wrong(`${where}: ${(error as Error).message}`);
  }
}

function wrong(message: string): StartError {
  return new StartError(message, { exitCode: exitCodes.badConfig });
}
