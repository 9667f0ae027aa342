import type { Command } from 'commander';
import { addBanCommands } from '../ban.ts';
import type { CliContext } from '../context.ts';
import { addExamples, addGroup } from '../examples.ts';
import { runKick } from '../kick.ts';
import { addListOptions, type ListFlags, runList } from '../list.ts';
import { userListing } from '../listings.ts';
import { showPresence } from '../presence.ts';
import { showRow } from '../show-row.ts';

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
      await showRow(context, userListing, await client.user(uid, context.globals));
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
    'user show alice',
    'user online alice bob --json',
    'user kick alice',
    'user kick alice bob --dry-run',
    'user ban alice --for 1h --reason spam',
    'user unban alice',
    'user bans -S shop --json',
  ]);
}
