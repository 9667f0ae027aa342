import type { Command } from 'commander';
import { exitCodes } from '../../api/errors.ts';
import { addBanCommands } from '../ban.ts';
import type { CliContext } from '../context.ts';
import { addExamples, addGroup } from '../examples.ts';
import { runKick } from '../kick.ts';
import { addListOptions, type ListFlags, runList } from '../list.ts';
import { userListing } from '../listings.ts';
import type { Listing } from '../output/printer.ts';

interface Presence {
  readonly uid: string;
  readonly online: boolean;
  readonly connections: number;
}

const presenceListing: Listing<Presence> = {
  schema: 'yunque.presences/1',
  rowSchema: 'yunque.presence/1',
  columns: [
    { header: 'UID', cell: ({ uid }) => uid },
    { header: 'ONLINE', cell: ({ online }) => (online ? 'yes' : 'no') },
    { header: 'CONNECTIONS', cell: ({ connections }) => String(connections), align: 'right' },
  ],
  fields: ['uid', 'online', 'connections'],
};

export function registerUser(program: Command, context: CliContext): void {
  const { summary, argument, option } = context.text;
  const group = addGroup(program, context, 'user');
  addListOptions(group.command('ls').description(summary['user ls']), context).action(async (flags: ListFlags) => {
    const client = await context.client();
    await runList(context, flags, userListing, (query) => client.users(query));
  });
  group
    .command('show')
    .description(summary['user show'])
    .argument('<uid>', argument.uid)
    .action(async (uid: string) => {
      const client = await context.client();
      await (await context.printer()).record(userListing.rowSchema, await client.user(uid, context.globals));
    });
  group
    .command('kick')
    .description(summary['user kick'])
    .argument('<uids...>', argument.uids)
    .option('--reason <text>', option.reason)
    .action(async (uids: string[], { reason }: { readonly reason?: string }) => {
      const client = await context.client();
      await runKick(context, uids, (uid) => client.kickUser(uid, { system: context.globals.system, reason }));
    });
  group
    .command('online')
    .description(summary['user online'])
    .argument('<uids...>', argument.uids)
    .action(async (uids: string[]) => {
      await showPresence(context, uids);
    });
  addBanCommands(group, context);
  addExamples(group, context, [
    'user ls --where groups~room1',
    'user online alice bob --json',
    'user kick alice',
    'user ban alice --for 1h --reason spam',
  ]);
}

/** Nobody online is exit 3, so that a script can ask. */
async function showPresence(context: CliContext, uids: readonly string[]): Promise<void> {
  const client = await context.client();
  const { users } = await client.online(uids, context.globals);
  const items = uids.map((uid) => {
    const connections = Object.hasOwn(users, uid) ? (users[uid] ?? 0) : 0;
    return { uid, online: connections > 0, connections };
  });
  await (await context.printer()).list(presenceListing, { items, total: items.length });
  if (!items.some(({ online }) => online)) context.exitCode = exitCodes.nobody;
}
