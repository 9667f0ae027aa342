import type { Command } from 'commander';
import type { MembersRequest } from '../../api/admin.ts';
import type { MembershipResult } from '../../api/command.ts';
import { exitCodes } from '../../api/errors.ts';
import { CliError } from '../cli-error.ts';
import { confirm } from '../confirm.ts';
import type { CliContext } from '../context.ts';
import { addExamples, addGroup } from '../examples.ts';
import { addListOptions, type ListFlags, runList } from '../list.ts';
import { groupListing, memberListing } from '../listings.ts';
import { noteMissing } from '../missing-nodes.ts';
import { listArg } from '../parsers.ts';
import { addMessageOptions } from '../send/flags.ts';
import { runSend, type SendFlags } from '../send/send.ts';
import { showRow } from '../show-row.ts';

export function registerGroup(program: Command, context: CliContext): void {
  const { summary, argument } = context.text;
  const group = addGroup(program, context, 'group');
  addListOptions(group.command('ls').description(summary['group ls']), context).action(async (flags: ListFlags) => {
    const client = await context.client();
    await runList(context, flags, groupListing, (query) => client.groups(query));
  });
  const named = (name: 'show' | 'members' | 'join' | 'leave' | 'rm' | 'send') =>
    group.command(name).description(summary[`group ${name}`]).argument('<group>', argument.group);

  named('show').action(async (name: string) => {
    const client = await context.client();
    await showRow(context, groupListing, await client.group(name, context.globals));
  });
  addListOptions(named('members'), context).action(async (name: string, flags: ListFlags) => {
    const client = await context.client();
    await runList(context, flags, memberListing, (query) => client.members(name, query));
  });
  addMemberOptions(named('join'), context)
    .option('--user-id <label>', context.text.option.userId)
    .option('--extend <label>', context.text.option.extend)
    .action(async (name: string, clients: string[], flags: MemberFlags) => {
      const { userId, extend } = flags;
      const labels = { ...(userId !== undefined && { userId }), ...(extend !== undefined && { extend }) };
      const client = await context.client();
      await printMembership(context, await client.join(name, { ...selectorOf(context, clients, flags), ...labels }));
    });
  addMemberOptions(named('leave'), context).action(async (name: string, clients: string[], flags: MemberFlags) => {
    const client = await context.client();
    await printMembership(context, await client.leave(name, selectorOf(context, clients, flags)));
  });
  named('rm').action(async (name: string) => {
    await confirm(context, context.text.line.removeGroup(name));
    const client = await context.client();
    const result = await client.removeGroup(name, context.globals);
    await (await context.printer()).record('yunque.group-removed/1', result, { fields: ['removed'] });
    if (noteMissing(context, result) || result.removed > 0) return;
    context.exitCode = exitCodes.nobody;
    context.note(context.text.line.noGroup(name));
  });
  addMessageOptions(named('send').argument('[body]', argument.body), context).action(
    async (name: string, body: string | undefined, flags: SendFlags) => {
      await runSend(context, { to: 'groups', groups: [name] }, body, flags);
    },
  );
  addExamples(group, context, [
    'group ls --search room --sort members --desc',
    'group show room1',
    'group join room1 --uid alice,bob',
    'group members room1 --json',
    "group send room1 'hello'",
    'group send room1 --dry-run',
    'group join room1 --uid alice --dry-run',
    'group leave room1 --uid bob',
    'group rm room1 --yes',
  ]);
}

export interface MemberFlags {
  readonly uid?: readonly string[];
  readonly userId?: string;
  readonly extend?: string;
}

function addMemberOptions(command: Command, { text: { argument, option } }: CliContext): Command {
  return command.argument('[clients...]', argument.clients).option('--uid <uids>', option.memberUid, listArg);
}

export function selectorOf(
  { globals: { system } }: CliContext,
  ids: readonly string[],
  { uid }: MemberFlags,
): MembersRequest {
  if (ids.length > 0 === (uid !== undefined)) throw new CliError('name clients as arguments, or users with --uid');
  return { ...(system !== undefined && { system }), ...(uid === undefined ? { ids } : { uids: uid }) };
}

/** Of csv and plain. */
const membershipFields = ['matched', 'changed', 'unknown'] as const satisfies readonly (keyof MembershipResult)[];

async function printMembership(context: CliContext, result: MembershipResult): Promise<void> {
  await (await context.printer()).record('yunque.membership/1', result, { fields: membershipFields });
  if (noteMissing(context, result)) return;
  if (result.matched === 0) {
    context.exitCode = exitCodes.nobody;
    context.note(context.text.line.nobody);
  } else if (result.unknown.length > 0) {
    context.exitCode = exitCodes.partly;
    context.note(context.text.line.partly);
  }
}
