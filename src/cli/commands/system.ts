import type { Command } from 'commander';
import { exitCodes } from '../../api/errors.ts';
import { isRefusal } from '../../client/client-error.ts';
import { confirm } from '../confirm.ts';
import type { CliContext } from '../context.ts';
import { addExamples, addGroup } from '../examples.ts';
import { addListOptions, type ListFlags, runList } from '../list.ts';
import { systemListing } from '../listings.ts';

export function registerSystem(program: Command, context: CliContext): void {
  const { summary, argument } = context.text;
  const group = addGroup(program, context, 'system');
  group
    .command('add')
    .description(summary['system add'])
    .argument('<system>', argument.system)
    .action(async (system: string) => {
      const client = await context.client();
      await (await context.printer()).record(systemListing.rowSchema, await client.addSystem(system));
    });
  addListOptions(group.command('ls').description(summary['system ls']), context).action(async (flags: ListFlags) => {
    const client = await context.client();
    await runList(context, flags, systemListing, (query) => client.systems(query));
  });
  group
    .command('show')
    .description(summary['system show'])
    .argument('<system>', argument.system)
    .action(async (system: string) => {
      const client = await context.client();
      await (await context.printer()).record(systemListing.rowSchema, await client.system(system));
    });
  group
    .command('rm')
    .description(summary['system rm'])
    .argument('<systems...>', argument.systems)
    .action(async (systems: string[]) => {
      await confirm(context, context.text.line.removeSystem(systems.join(' ')));
      await removeSystems(context, systems);
    });
  addExamples(group, context, ['system add shop', 'system ls --json', 'system rm shop --yes']);
}

/** One after the other; what is not there is passed over, and said where something else was (exit 7). */
async function removeSystems(context: CliContext, systems: readonly string[]): Promise<void> {
  const [client, printer] = await Promise.all([context.client(), context.printer()]);
  const removed: string[] = [];
  const unknown: string[] = [];
  let closed = 0;
  let failure: unknown;
  for (const system of systems) {
    try {
      closed += (await client.removeSystem(system)).closed;
      removed.push(system);
    } catch (error) {
      failure = error;
      if (!isRefusal(error, 'unknown_system')) break;
      unknown.push(system);
    }
  }
  // What was done is told even where the rest failed.
  if (removed.length > 0) await printer.record('yunque.systems-removed/1', { removed, unknown, closed });
  const hasOnlyUnknown = removed.length + unknown.length === systems.length;
  if (removed.length === 0 || !hasOnlyUnknown) throw failure;
  if (unknown.length === 0) return;
  context.exitCode = exitCodes.partly;
  context.note(context.text.line.partlyRemoved(unknown.join(' ')));
}
