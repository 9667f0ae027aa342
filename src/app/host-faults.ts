import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { Config } from '../config/schema.ts';
import type { SettingPlace, StartError } from '../util/start-error.ts';
import { notOurAddress } from './listen.ts';

/** Of the addresses to listen on, those that are not this machine's. Looks names up, as listening does. */
export async function hostFaults(
  config: Pick<Config, 'host' | 'listeners' | 'internal' | 'grpc'>,
): Promise<readonly StartError[]> {
  const places: [host: string | undefined, at: SettingPlace][] = [
    [config.host, { key: 'host' }],
    ...config.listeners.map(({ host }, index): [string | undefined, SettingPlace] => [
      host,
      { key: 'listeners', path: [index, 'host'] },
    ]),
    [config.internal.listen?.host, { key: 'internal.listen' }],
    [config.grpc.port === undefined ? undefined : config.grpc.host, { key: 'grpc.host' }],
  ];
  const faults = places.map(async ([host, at]) =>
    host === undefined || (await isOurs(host)) ? [] : [notOurAddress(host, at)],
  );
  return (await Promise.all(faults)).flat();
}

const foreign: ReadonlySet<string | undefined> = new Set(['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME']);

/** Only the kernel knows: it may be told to take addresses that no interface has (ip_nonlocal_bind). UDP, so that nobody is listened to. */
async function isOurs(host: string): Promise<boolean> {
  try {
    const { address, family } = await lookup(host);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind({ address, port: 0, exclusive: true }, resolve);
      });
    } finally {
      socket.close();
    }
    return true;
  } catch (error) {
    // What else there is, listening says.
    return !foreign.has((error as NodeJS.ErrnoException).code);
  }
}
