import type { KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { createTokens } from '../access/tokens/create-tokens.ts';
import { createHttpSource } from '../access/tokens/http-source.ts';
import { createJwksSource } from '../access/tokens/jwks-source.ts';
import { createJwtSource, readPublicKey, readSecret } from '../access/tokens/jwt-source.ts';
import { createLiveTokens, type LiveTokens } from '../access/tokens/live-tokens.ts';
import { createRedisSource } from '../access/tokens/redis-source.ts';
import type { TokenSource } from '../access/tokens/source.ts';
import type { Tokens } from '../access/tokens/tokens.ts';
import { exitCodes } from '../api/errors.ts';
import { readableByOthers } from '../config/environment.ts';
import { isPublished } from '../config/published-keys.ts';
import { readFileFromDisk } from '../config/read-file.ts';
import type { Config } from '../config/schema.ts';
import { type JwtSetting, type TokenSetting, wrongWithRedisUrl } from '../config/token-source.ts';
import { StartError } from '../util/start-error.ts';
import type { Owned } from './owned.ts';

const defaultTimeoutMs = 3000;
const redisTimeoutMs = 2000;

export interface TokensSetup {
  readonly config: Pick<Config, 'auth' | 'limits'>;
  /** One line each: files that others can read, sources that fail and answer again. */
  readonly warn: (line: string) => void;
}

/** The sources of `auth.tokens`, their keys read; the caller closes them. Throws `StartError` (78) where a file is not right. */
export async function loadTokens({ config, warn }: TokensSetup): Promise<Tokens> {
  const { tokens: settings, connect, clockSkewMs } = config.auth;
  const rules = { clockSkewMs, idBytes: config.limits.idBytes };
  const sources: TokenSource[] = [];
  try {
    for (const [index, setting] of settings.entries()) {
      sources.push(await openSource(setting, { key: `auth.tokens[${index}]`, rules, warn }));
    }
  } catch (error) {
    await Promise.all(sources.map((source) => source.close()));
    throw error;
  }
  const onHealth = (source: string, failure: string | undefined) =>
    warn(failure === undefined ? `${source} answers again` : `${source}: ${failure}`);
  return createTokens({ sources, connect, onHealth });
}

/** As `loadTokens`, closed with the node. */
export async function openTokens(setup: TokensSetup, owned: Owned): Promise<LiveTokens> {
  const tokens = createLiveTokens(await loadTokens(setup));
  owned.add('the sources of tokens', () => tokens.close());
  return tokens;
}

interface SourceSetup {
  /** `auth.tokens[0]` */
  readonly key: string;
  readonly rules: { readonly clockSkewMs: number; readonly idBytes: number };
  readonly warn: (line: string) => void;
}

async function openSource(setting: TokenSetting, setup: SourceSetup): Promise<TokenSource> {
  const { key, rules, warn } = setup;
  const shared = { name: `${key} (${setting.type})`, systems: setting.systems, ...rules };
  switch (setting.type) {
    case 'jwt':
      return createJwtSource({ ...setting, ...shared, key: jwtKey(setting, setup) });
    case 'jwks':
      return createJwksSource({ ...setting, ...shared, timeoutMs: defaultTimeoutMs });
    case 'http': {
      const { url, timeout: timeoutMs = defaultTimeoutMs, concurrency: atOnce = 64 } = setting;
      const secret = setting.secret ?? longSecret(setting.secretFile ?? '', `${key}.secretFile`, warn);
      return createHttpSource({ ...shared, url, timeoutMs, atOnce, secret });
    }
    case 'redis': {
      const url = setting.url ?? redisUrl(setting.urlFile ?? '', `${key}.urlFile`, warn);
      return createRedisSource({
        ...shared,
        url,
        prefix: setting.prefix ?? 'yunque:token:',
        timeoutMs: redisTimeoutMs,
      });
    }
    default:
      return setting satisfies never;
  }
}

function jwtKey({ algorithm, secret, secretFile, publicKeyFile = '' }: JwtSetting, setup: SourceSetup): KeyObject {
  if (algorithm !== 'HS256') {
    const text = readFile(publicKeyFile, `${setup.key}.publicKeyFile`);
    return parsed(`${setup.key}.publicKeyFile: ${publicKeyFile}`, () => readPublicKey(text, algorithm));
  }
  if (secret !== undefined) return readSecret(secret);
  const text = longSecret(secretFile ?? '', `${setup.key}.secretFile`, setup.warn);
  return readSecret(text);
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
