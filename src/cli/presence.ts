import { exitCodes } from '../api/errors.ts';
import type { CliContext } from './context.ts';
import { noteMissing } from './missing-nodes.ts';
import type { Listing } from './output/printer.ts';

interface Presence {
  readonly uid: string;
  /** Null: nobody who answered has the user, and some nodes did not answer. */
  readonly online: boolean | null;
  readonly connections: number | null;
}

const presenceListing: Listing<Presence> = {
  schema: 'yunque.presences/1',
  rowSchema: 'yunque.presence/1',
  columns: [
    { header: 'UID', cell: ({ uid }) => uid },
    { header: 'ONLINE', cell: ({ online }) => (online === null ? '?' : online ? 'yes' : 'no') },
    {
      header: 'CONNECTIONS',
      cell: ({ connections }) => (connections === null ? '?' : String(connections)),
      align: 'right',
    },
  ],
  fields: ['uid', 'online', 'connections'],
};

/** Nobody online is exit 3, so that a script can ask; 7 where nodes did not answer. */
export async function showPresence(context: CliContext, uids: readonly string[]): Promise<void> {
  const client = await context.client();
  const { users, missingNodes } = await client.online(uids, context.globals);
  const items = uids.map((uid): Presence => {
    const connections = Object.hasOwn(users, uid) ? (users[uid] ?? 0) : 0;
    if (connections === 0 && missingNodes !== undefined) return { uid, online: null, connections: null };
    return { uid, online: connections > 0, connections };
  });
  const missing = missingNodes === undefined ? {} : { missingNodes };
  await (await context.printer()).list(presenceListing, { items, total: items.length, ...missing });
  if (!noteMissing(context, missing) && !items.some(({ online }) => online)) context.exitCode = exitCodes.nobody;
}
