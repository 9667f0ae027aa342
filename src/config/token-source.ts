import { object, someOf, variants } from './collection-kinds.ts';
import { choice, duration, integer, text } from './scalar-kinds.ts';
import { hmacSecret, httpUrl, oneOf, path, redisUrl } from './server-kinds.ts';
import { someSystems } from './value-checks.ts';

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

const name = text({ type: 'text', expected: 'some text' });

const asymmetric = ['RS256', 'ES256'] as const;

const algorithms = someOf(choice(asymmetric), { one: 'algorithm', advice: `take ${asymmetric.join(' or ')}` });

const jwt = object<JwtSetting>({
  type: 'token source',
  expected: 'a token source',
  fields: {
    type: choice(['jwt']),
    systems: someSystems,
    algorithm: choice(['HS256', ...asymmetric]),
    secret: hmacSecret,
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
  fields: { type: choice(['jwks']), systems: someSystems, url: httpUrl, algorithms, issuer: name, audience: name },
  optional: ['systems', 'audience'],
});

const http = object<HookSetting>({
  type: 'token source',
  expected: 'a token source',
  fields: {
    type: choice(['http']),
    systems: someSystems,
    url: httpUrl,
    secret: hmacSecret,
    secretFile: path,
    timeout: duration({ min: '100ms', max: '30s' }),
    concurrency: integer({ min: 1, max: 10_000 }),
  },
  optional: ['systems', 'secret', 'secretFile', 'timeout', 'concurrency'],
});

const redis = object<RedisSetting>({
  type: 'token source',
  expected: 'a token source',
  fields: { type: choice(['redis']), systems: someSystems, url: redisUrl, urlFile: path, prefix: name },
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
