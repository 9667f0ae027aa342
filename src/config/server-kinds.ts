import type { Kind } from './kind.ts';
import { secretText, text } from './scalar-kinds.ts';
import { masked } from './spelling.ts';

/** Kinds of values that say where another server is and how one gets in. */

export const path = text({ type: 'path', expected: 'a path' });

/** The least a secret of HMAC-SHA256 may have (RFC 7518, section 3.2). */
const leastSecretBytes = 32;

export const hmacSecret = secretText({
  expected: `a secret of ${leastSecretBytes} bytes or more (\`openssl rand -base64 32\` makes one)`,
  check(value) {
    const bytes = Buffer.byteLength(value);
    return bytes >= leastSecretBytes ? undefined : `${bytes} bytes`;
  },
});

/** Never repeated in messages: by mistake it could have a password in it. */
export const httpUrl: Kind<string> = withoutMask(
  secretText({
    expected: 'a URL such as https://auth.example.com/path, without user and password',
    check: wrongWithHttpUrl,
  }),
);

export const redisUrl: Kind<string> = {
  ...secretText({
    expected: 'a URL such as redis://:password@127.0.0.1:6379/0 or rediss://…',
    check: wrongWithRedisUrl,
  }),
  mask: maskPassword,
};

export const rabbitmqUrl: Kind<string> = {
  ...secretText({
    expected: 'a URL such as amqp://user:password@127.0.0.1:5672/vhost or amqps://…',
    check: wrongWithRabbitmqUrl,
  }),
  mask: maskPassword,
};

/** Completes "found …"; undefined: nothing. */
export function wrongWithRedisUrl(value: string): string | undefined {
  return wrongWithServerUrl(value, ['redis:', 'rediss:']);
}

/** Completes "found …"; undefined: nothing. */
export function wrongWithRabbitmqUrl(value: string): string | undefined {
  return wrongWithServerUrl(value, ['amqp:', 'amqps:']);
}

/** What is wrong where exactly one of two fields is expected. */
export function oneOf<T extends object>(
  source: T,
  inline: keyof T & string,
  file: keyof T & string,
): string | undefined {
  return (
    atMostOneOf(source, inline, file) ??
    (Object.hasOwn(source, inline) || Object.hasOwn(source, file) ? undefined : `expected ${inline} or ${file}`)
  );
}

/** What is wrong where at most one of two fields is expected. */
export function atMostOneOf<T extends object>(
  source: T,
  inline: keyof T & string,
  file: keyof T & string,
): string | undefined {
  const areBoth = Object.hasOwn(source, inline) && Object.hasOwn(source, file);
  return areBoth ? `expected one of ${inline} and ${file}, found both` : undefined;
}

function wrongWithHttpUrl(value: string): string | undefined {
  const url = URL.parse(value);
  if (url === null) return 'something that is no URL';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `a URL of ${url.protocol}`;
  return url.username !== '' || url.password !== '' ? 'a user or password in it' : undefined;
}

function wrongWithServerUrl(value: string, protocols: readonly string[]): string | undefined {
  const url = URL.parse(value);
  if (url === null) return 'something that is no URL';
  if (!protocols.includes(url.protocol)) return `a URL of ${url.protocol}`;
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
