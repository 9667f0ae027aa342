import { type Command, Option } from 'commander';
import { exitCodes } from '../api/errors.ts';
import { validity } from '../api/keys.ts';
import type { CliContext } from './context.ts';
import { addListOptions, type ListFlags, runList } from './list.ts';
import { banListing } from './listings.ts';
import { missingFromAny, noteMissing } from './missing-nodes.ts';
import { durationWithin } from './parsers.ts';

interface BanFlags {
  /** Milliseconds. */
  readonly for: number;
  readonly reason?: string;
}

/** `user ban`, `unban` and `bans`. */
export function addBanCommands(group: Command, context: CliContext): void {
  const { summary, argument, option } = context.text;
  group
    .command('ban')
    .description(summary['user ban'])
    .argument('<uid>', argument.uid)
    .addOption(
      new Option('--for <duration>', option.banFor).argParser(durationWithin(validity.ban)).makeOptionMandatory(),
    )
    .option('--reason <text>', option.reason)
    .action(async (uid: string, flags: BanFlags) => {
      await banUser(context, uid, flags);
    });
  group
    .command('unban')
    .description(summary['user unban'])
    .argument('<uid>', argument.uid)
    .action(async (uid: string) => {
      await unbanUser(context, uid);
    });
  addListOptions(group.command('bans').description(summary['user bans']), context).action(async (flags: ListFlags) => {
    const client = await context.client();
    await runList(context, flags, banListing, (query) => client.bans(query));
  });
}

async function banUser(context: CliContext, uid: string, { for: forMs, reason }: BanFlags): Promise<void> {
  const client = await context.client();
  const { system = 'default' } = context.globals;
  const result = await client.ban(uid, { system, forMs, ...(reason !== undefined && { reason }) });
  const { until, closed } = result;
  const missing = missingFromAny([result]);
  const shown = [
    ['uid', uid],
    ['system', system],
    ['until', new Date(until).toISOString()],
    ['closed', String(closed)],
  ] as const;
  const record = { uid, system, until, closed, ...missing };
  const fields = ['uid', 'system', 'until', 'closed'];
  await (await context.printer()).record('yunque.banned/1', record, { shown, fields });
  noteMissing(context, missing);
}

/** Nobody to let in is exit 3, as nobody to kick is. */
async function unbanUser(context: CliContext, uid: string): Promise<void> {
  const client = await context.client();
  const { system = 'default' } = context.globals;
  const { lifted } = await client.unban(uid, { system });
  await (await context.printer()).record('yunque.unbanned/1', { uid, system, lifted });
  if (lifted) return;
  context.exitCode = exitCodes.nobody;
  context.note(context.text.line.notBanned(uid));
}
