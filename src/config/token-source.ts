import { list, object, variants } from './collection-kinds.ts';
import type { Kind } from './kind.ts';
import { choice, duration, integer, secretText, text } from './scalar-kinds.ts';
import { masked } from './spelling.ts';
import { systemId } from './value-checks.ts';

/** Absent: it covers every system. */
interface Covering {
  readonly systems?: readonly string[];
}

/** A secret, or the file that holds it. */
interface Keyed {
  readonly secret?: string;
  readonly secretFile?: string;
}

export interface JwtSetting extends Covering, Keyed {
  readonly type: 'jwt';
  readonly algorithm: 'HS256' | 'RS256' | 'ES256';
  readonly publicKeyFile?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly kid?: string;
}

export interface JwksSetting extends Covering {
  readonly type: 'jwks';
  readonly url: string;
  readonly algorithms: readonly ('RS256' | 'ES256')[];
  readonly issuer: string;
  readonly audience?: string;
}

/** `timeout` in milliseconds; `concurrency`: most requests at once. */
export interface HookSetting extends Covering, Keyed {
  readonly type: 'http';
  readonly url: string;
  readonly timeout?: number;
  readonly concurrency?: number;
}

export interface RedisSetting extends Covering {
  readonly type: 'redis';
  readonly url?: string;
  readonly urlFile?: string;
  readonly prefix?: string;
}

/** One entry of `auth.tokens`. */
export type TokenSetting = JwtSetting | JwksSetting | HookSetting | RedisSetting;

/** The least a secret of HMAC-SHA256 may have (RFC 7518, section 3.2). */
const leastSecretBytes = 32;

const secret = secretText({
  expected: `a secret of ${leastSecretBytes} bytes or more (\`openssl rand -base64 32\` makes one)`,
  check(value) {
    const bytes = Buffer.byteLength(value);
    return bytes >= leastSecretBytes ? undefined : `${bytes} bytes`;
  },
});

const path = text({ type: 'path', expected: 'a path' });
const name = text({ type: 'text', expected: 'some text' });

/** Never repeated in messages: by mistake it could have a password in it. */
const httpUrl: Kind<string> = withoutMask(
  secretText({
    expected: 'a URL such as https://auth.example.com/path, without user and password',
    check: wrongWithHttpUrl,
  }),
);

const redisUrl: Kind<string> = {
  ...secretText({
    expected: 'a URL such as redis://:password@127.0.0.1:6379/0 or rediss://…',
    check: wrongWithRedisUrl,
  }),
  mask: maskPassword,
};

const systems: Kind<readonly string[]> = {
  ...list(systemId),
  read(raw, refuse) {
    const names = list(systemId).read(raw, refuse);
    return names?.length === 0 ? refuse('expected at least one system; leave it out for all systems') : names;
  },
};

const asymmetric = ['RS256', 'ES256'] as const;

const algorithms: Kind<readonly ('RS256' | 'ES256')[]> = {
  ...list(choice(asymmetric)),
  read(raw, refuse) {
    const names = list(choice(asymmetric)).read(raw, refuse);
    return names?.length === 0 ? refuse(`expected at least one of ${asymmetric.join(', ')}`) : names;
  },
};

const jwt = object<JwtSetting>({
  type: 'token source',
  expected: 'a token source',
  fields: {
    type: choice(['jwt']),
    systems,
    algorithm: choice(['HS256', ...asymmetric]),
    secret,
    secretFile: path,
    publicKeyFile: path,
    issuer: name,
    audience: name,
    kid: name,
  },
  optional: ['systems', 'secret', 'secretFile', 'publicKeyFile', 'issuer', 'audience', 'kid'],
});

const jwks = object<JwksSetting>({
  type: 'token source',
  expected: 'a token source',
  fields: { type: choice(['jwks']), systems, url: httpUrl, algorithms, issuer: name, audience: name },
  optional: ['systems', 'audience'],
});

const http = object<HookSetting>({
  type: 'token source',
  expected: 'a token source',
  fields: {
    type: choice(['http']),
    systems,
    url: httpUrl,
    secret,
    secretFile: path,
    timeout: duration({ min: '100ms', max: '30s' }),
    concurrency: integer({ min: 1, max: 10_000 }),
  },
  optional: ['systems', 'secret', 'secretFile', 'timeout', 'concurrency'],
});

const redis = object<RedisSetting>({
  type: 'token source',
  expected: 'a token source',
  fields: { type: choice(['redis']), systems, url: redisUrl, urlFile: path, prefix: name },
  optional: ['systems', 'url', 'urlFile', 'prefix'],
});

export const tokenSource = variants<TokenSetting>({
  type: 'token source',
  expected: 'a token source such as {type: jwt, algorithm: HS256, secretFile: /etc/yunque/token.secret}',
  of: { jwt, jwks, http, redis },
  check: (source) => wrongTogether(source),
});

/** Of fields that are right each by itself. */
function wrongTogether(source: TokenSetting): string | undefined {
  switch (source.type) {
    case 'jwt': {
      const { algorithm, publicKeyFile } = source;
      if (algorithm !== 'HS256') {
        if (source.secret !== undefined || source.secretFile !== undefined)
          return `${algorithm} takes publicKeyFile, not a secret`;
        return publicKeyFile === undefined ? `${algorithm} needs publicKeyFile` : undefined;
      }
      return publicKeyFile === undefined
        ? oneOf(source, 'secret', 'secretFile')
        : 'HS256 takes secretFile, not publicKeyFile';
    }
    case 'http':
      return oneOf(source, 'secret', 'secretFile');
    case 'redis':
      return oneOf(source, 'url', 'urlFile');
    case 'jwks':
      return undefined;
    default:
      return source satisfies never;
  }
}

function oneOf<T extends object>(source: T, inline: keyof T & string, file: keyof T & string): string | undefined {
  const given = [inline, file].filter((field) => Object.hasOwn(source, field));
  if (given.length === 1) return undefined;
  return given.length === 0 ? `expected ${inline} or ${file}` : `expected one of ${inline} and ${file}, found both`;
}

function wrongWithHttpUrl(value: string): string | undefined {
  const url = URL.parse(value);
  if (url === null) return 'something that is no URL';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `a URL of ${url.protocol}`;
  return url.username !== '' || url.password !== '' ? 'a user or password in it' : undefined;
}

/** Completes "found …"; undefined: nothing. */
export function wrongWithRedisUrl(value: string): string | undefined {
  const url = URL.parse(value);
  if (url === null) return 'something that is no URL';
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') return `a URL of ${url.protocol}`;
  if (url.hostname === '') return 'no host in it';
  // What `config show` prints is no configuration.
  return url.password === masked ? 'a mask in the place of the password' : undefined;
}

function maskPassword(written: unknown): unknown {
  if (typeof written !== 'string') return written;
  const url = URL.parse(written);
  // Text that is no URL will be refused; until then it may hold anything.
  if (url === null) return masked;
  if (url.password === '') return written;
  url.password = masked;
  return url.href;
}

function withoutMask({ mask: _, ...kind }: Kind<string>): Kind<string> {
  return { ...kind, type: 'URL' };
}
