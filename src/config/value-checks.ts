import { isIP } from 'node:net';
import { type Dialect, dialects } from '../api/dialect.ts';
import { exactOrigin } from '../util/origin.ts';
import { object, someOf } from './collection-kinds.ts';
import { type Kind, mismatch } from './kind.ts';
import { choice, integer, secretText, text } from './scalar-kinds.ts';

/** A further port. `dialect` is what `/` speaks there. */
export interface Listener {
  readonly port: number;
  readonly host?: string;
  readonly dialect: Dialect;
}

export const port = integer({ min: 0, max: 65535, noun: 'a port number' });

/** Processes that share the port. `auto`: one for each core. */
export const workers: Kind<number | 'auto'> = {
  type: 'integer or auto',
  expected: 'a whole number from 1 to 128, or auto',
  range: '1–128 | auto',
  read: (raw, refuse) =>
    raw === 'auto' || (typeof raw === 'number' && Number.isInteger(raw) && raw >= 1 && raw <= 128)
      ? raw
      : refuse(mismatch(workers.expected, raw)),
  fromText: (given) => (/^\d+$/.test(given) ? Number(given) : given),
  write: (value) => value,
};

export const dialect = choice(dialects);

export const host = text({
  type: 'host',
  expected: 'an IP address or a host name, without a port',
  check: (value) => (isAddressOrName(value) ? value : undefined),
});

/** `host:port`, IPv6 in brackets. A port alone would be every address. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

export const place: Kind<Place> = {
  type: 'host:port',
  expected: 'an address and a port such as 127.0.0.1:9666 or [::1]:9666',
  read(raw, refuse) {
    const { expected } = place;
    const [, bracketed, plain, digits = ''] =
      (typeof raw === 'string' && /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(raw)) || [];
    const port = Number(digits);
    const isHost = bracketed === undefined ? plain !== undefined && isAddressOrName(plain) : isIP(bracketed) === 6;
    if (isHost && port <= 65535) return { host: bracketed ?? plain ?? '', port };
    if (/^\d+$/.test(String(raw))) return refuse(`${mismatch(expected, raw)}; write 127.0.0.1:${raw}`);
    // What stands before it may be a password.
    if (String(raw).includes('@')) return refuse(`expected ${expected}, found a user or password in it`);
    return refuse(mismatch(expected, raw));
  },
  fromText: (given) => given,
  write: ({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`,
};

export const listener = object<Listener>({
  type: 'listener',
  expected: 'a listener such as {port: 34567, dialect: cim}',
  fields: { port, host, dialect },
  optional: ['host'],
});

/** `10.0.0.0/8`, or one address, kept as `10.0.0.5/32`. */
export const network = text({
  type: 'network',
  expected: 'a network such as 10.0.0.0/8 or fd00::/8, or one IP address',
  check: toCidr,
});

/** Kept as browsers send it. */
export const origin = text({
  type: 'origin',
  expected:
    'an origin such as https://app.example.com or http://localhost:5173: scheme, host and perhaps a port, nothing more',
  check: exactOrigin,
});

export const systemId = text({
  type: 'system',
  expected: 'a system ID: text without control characters that does not begin with "$"',
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  check: (value) => (value !== '' && !value.startsWith('$') && !/[\x00-\x1f\x7f]/.test(value) ? value : undefined),
});

export const someBrokers = someOf(place, { one: 'broker', advice: 'leave it out for those of kafka.brokers' });

export const someSystems = someOf(systemId, { one: 'system', advice: 'leave it out for all systems' });

/** The AES key of clientIds, as its bytes in UTF-8 (go-websocket takes them the same way). */
const someCryptoKey = secretText({
  expected: 'a key of 16, 24 or 32 bytes (`openssl rand -hex 16` makes one)',
  check(value) {
    const bytes = Buffer.byteLength(value);
    return [16, 24, 32].includes(bytes) ? undefined : `${bytes} bytes`;
  },
});

/** Empty text is taken too, for `checkKeys` to judge. */
export const cryptoKey: Kind<string> = {
  ...someCryptoKey,
  read: (raw, refuse) => (raw === '' ? '' : someCryptoKey.read(raw, refuse)),
};

export const operatorKey = secretText({
  expected: '16 or more printable ASCII characters without spaces (`openssl rand -hex 32` makes a good one)',
  check(value) {
    if (!/^[!-~]*$/.test(value)) return 'a space, a control character or one outside ASCII';
    return value.length >= 16 ? undefined : `${value.length} characters`;
  },
});

export function isAddressOrName(value: string): boolean {
  return isIP(value) !== 0 || isHostName(value);
}

function isHostName(value: string): boolean {
  return value.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?$/i.test(value);
}

function toCidr(value: string): string | undefined {
  const slash = value.indexOf('/');
  const address = slash === -1 ? value : value.slice(0, slash);
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return undefined;
  const bits = version === 4 ? 32 : 128;
  if (slash === -1) return `${address}/${bits}`;
  const prefix = value.slice(slash + 1);
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits ? value : undefined;
}
