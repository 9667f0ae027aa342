import type { Command } from 'commander';
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
      const client = await context.client();
      let closed = 0;
      for (const system of systems) closed += (await client.removeSystem(system)).closed;
      await (await context.printer()).record('yunque.systems-removed/1', { removed: systems, closed });
    });
  addExamples(group, context, ['system add shop', 'system ls --json', 'system rm shop --yes']);
}
