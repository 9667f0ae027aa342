import { isIP } from 'node:net';
import { isEverywhere } from '../util/address.ts';
import { type Kind, mismatch } from './kind.ts';
import { secretText, text } from './scalar-kinds.ts';
import { masked } from './spelling.ts';
import { isAddressOrName } from './value-checks.ts';

/** Part of keys, channels, queues and topics: what all servers take. */
export const clusterName = text({
  type: 'text',
  expected: 'a name of at most 64 letters, digits, ".", "_" and "-" that begins with a letter or a digit',
  check: (value) => (/^[a-z0-9][\w.-]{0,63}$/i.test(value) ? value : undefined),
});

/** The least a secret between nodes may have. */
const leastSecretLength = 16;

export const clusterSecret = secretText({
  expected: `a secret of ${leastSecretLength} characters or more (\`openssl rand -hex 32\` makes one)`,
  check: (value) => (value.length >= leastSecretLength ? undefined : `${value.length} characters`),
});

/** Of another server, which judges it. */
export const password = secretText({
  expected: 'a password',
  // What `config show` prints is no configuration.
  check: (value) => (value === masked ? 'a mask in its place' : undefined),
});

/** An address that others can reach; `port` absent: the one listened on. */
export interface Advertised {
  readonly host: string;
  readonly port?: number;
}

export const advertised: Kind<Advertised> = {
  type: 'host or host:port',
  expected: 'one address that other nodes reach, such as 10.1.0.5, node1.lan or node1.lan:1666',
  read(raw, refuse) {
    const { expected } = advertised;
    const found = typeof raw === 'string' ? readAdvertised(raw) : undefined;
    if (found === undefined) return refuse(mismatch(expected, raw));
    if (isEverywhere(found.host)) return refuse(`${mismatch(expected, raw)}, which is every address and leads nowhere`);
    return found;
  },
  fromText: (given) => given,
  write: ({ host, port }) => (port === undefined ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`),
};

function readAdvertised(given: string): Advertised | undefined {
  if (isIP(given) === 6) return { host: given };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(given) ?? [];
  const host = bracketed ?? plain ?? '';
  if (bracketed === undefined ? !isAddressOrName(host) : isIP(host) !== 6) return undefined;
  if (digits === undefined) return { host };
  const port = Number(digits);
  return port >= 1 && port <= 65535 ? { host, port } : undefined;
}
