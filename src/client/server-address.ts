import { isLoopback } from '../util/address.ts';
import { ClientError } from './client-error.ts';

/** Where a node is: its HTTP address, or its operator socket. */
export type ServerAddress =
  | {
      readonly kind: 'url';
      readonly url: URL;
      readonly host: string;
      readonly port: number;
      readonly isLoopback: boolean;
    }
  | { readonly kind: 'socket'; readonly path: string };

/**
 * Reads what people write after `-s`: `http(s)://host:port[/prefix]` (`ws(s)://` is taken as its HTTP), `host:port`,
 * `[::1]:port`, a host, a port alone (this machine), `unix:/path` or an absolute path to a socket. The port defaults to
 * the scheme's in a URL and to 666 elsewhere. Throws `ClientError` of kind `usage`.
 */
export function parseServerAddress(text: string): ServerAddress {
  const socket = /^unix:(?:\/\/)?(.+)$/.exec(text)?.[1] ?? (/^(\/|\\\\[.?]\\pipe\\)/.test(text) ? text : undefined);
  if (socket !== undefined) return { kind: 'socket', path: socket };
  const url = readUrl(text);
  if (url === undefined) throw badAddress(text);
  if (url.username !== '' || url.password !== '') {
    throw new ClientError('usage', 'the server address must not carry a user name or password', {
      hint: 'put the key into a file and name it with --key-file, or set YUNQUE_KEY',
    });
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return {
    kind: 'url',
    url,
    host,
    port,
    isLoopback: host === 'localhost' || host.endsWith('.localhost') || isLoopback(host),
  };
}

function readUrl(text: string): URL | undefined {
  if (/^\d+$/.test(text))
    return Number(text) >= 1 && Number(text) <= 65535 ? new URL(`http://127.0.0.1:${text}`) : undefined;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return parse(`http://${text}`, '666');
  if (scheme === 'http' || scheme === 'https') return parse(text);
  if (scheme === 'ws' || scheme === 'wss') return parse(text.replace(/^ws/i, 'http'));
  return undefined;
}

function parse(text: string, defaultPort?: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.hostname === '') return undefined;
  if (defaultPort !== undefined && url.port === '' && !/:80(\/|$)/.test(text)) url.port = defaultPort;
  url.search = '';
  url.hash = '';
  return url;
}

function badAddress(text: string): ClientError {
  return new ClientError('usage', `"${text}" is not a server address`, {
    hint: 'write http://host:port, host:port, or a port of this machine, such as -s 7001',
  });
}
