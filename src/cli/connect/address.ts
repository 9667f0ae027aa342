import { parseServerAddress } from '../../client/server-address.ts';
import { addressOfAsked } from '../asked-node.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import type { ClientDialect } from './dialects.ts';

export interface AddressOptions {
  /** The argument of `connect`. */
  readonly url?: string | undefined;
  readonly dialect: ClientDialect;
  readonly token?: string | undefined;
}

/**
 * Where to connect: the argument, else `-s`, else `YUNQUE_SERVER`, else what the node of this machine says of itself. The
 * dialect's path is added to a bare address; a path written in the argument stays. Rejects with `ClientError` or `CliError`.
 */
export async function connectAddress(
  context: CliContext,
  { url: argument, dialect, token }: AddressOptions,
): Promise<URL> {
  const { server, system } = context.globals;
  const named = argument ?? (server || context.env['YUNQUE_SERVER'] || undefined) ?? (await ownAddress(context));
  const address = parseServerAddress(named);
  if (address.kind === 'socket') throw new CliError('connect speaks WebSocket: name a URL, not a socket');
  const url = new URL(address.url);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const prefix = url.pathname.replace(/\/+$/, '');
  if (argument === undefined || prefix === '') url.pathname = prefix + dialect.path;
  for (const [name, value] of new URLSearchParams(/\?([^#]*)/.exec(argument ?? '')?.[1] ?? ''))
    url.searchParams.append(name, value);
  if (system !== undefined) url.searchParams.set('systemId', system);
  if (token !== undefined) url.searchParams.set('token', token);
  return url;
}

async function ownAddress(context: CliContext): Promise<string> {
  const client = await context.client();
  const address = await addressOfAsked(client);
  if (address === undefined)
    throw new CliError(`${client.where} tells no address to connect to`, {
      hint: 'name one: yunque connect ws://host:port',
    });
  return address;
}
