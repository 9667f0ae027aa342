import { list, object, variants } from './collection-kinds.ts';
import type { Kind } from './kind.ts';
import { choice, secretText, text } from './scalar-kinds.ts';
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

/** One entry of `auth.tokens`. */
export type TokenSetting = JwtSetting;

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

const systems: Kind<readonly string[]> = {
  ...list(systemId),
  read(raw, refuse) {
    const names = list(systemId).read(raw, refuse);
    return names?.length === 0 ? refuse('expected at least one system; leave it out for all systems') : names;
  },
};

const asymmetric = ['RS256', 'ES256'] as const;

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

export const tokenSource = variants<TokenSetting>({
  type: 'token source',
  expected: 'a token source such as {type: jwt, algorithm: HS256, secretFile: /etc/yunque/token.secret}',
  of: { jwt },
  check: (source) => wrongTogether(source),
});

/** Of fields that are right each by itself. */
function wrongTogether(source: TokenSetting): string | undefined {
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

function oneOf<T extends object>(source: T, inline: keyof T & string, file: keyof T & string): string | undefined {
  const given = [inline, file].filter((field) => Object.hasOwn(source, field));
  if (given.length === 1) return undefined;
  return given.length === 0 ? `expected ${inline} or ${file}` : `expected one of ${inline} and ${file}, found both`;
}
