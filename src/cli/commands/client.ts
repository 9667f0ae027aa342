import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { addExamples, addGroup } from '../examples.ts';
import { runKick } from '../kick.ts';
import { addListOptions, type ListFlags, runList } from '../list.ts';
import { clientListing } from '../listings.ts';
import { showRow } from '../show-row.ts';

export function registerClient(program: Command, context: CliContext): void {
  const { summary, argument, option } = context.text;
  const group = addGroup(program, context, 'client');
  addListOptions(group.command('ls').description(summary['client ls']), context).action(async (flags: ListFlags) => {
    const client = await context.client();
    await runList(context, flags, clientListing, (query) => client.connections(query));
  });
  group
    .command('show')
    .description(summary['client show'])
    .argument('<client>', argument.clientId)
    .action(async (id: string) => {
      const client = await context.client();
      await showRow(context, clientListing, await client.connection(id, context.globals));
    });
  group
    .command('history')
    .description(summary['client history'])
    .argument('<client>', argument.clientOrUser)
    .action(async (id: string) => {
      const { showHistory } = await import('../history/show-history.ts');
      await showHistory(context, id);
    });
  group
    .command('kick')
    .description(summary['client kick'])
    .argument('<clients...>', argument.clients)
    .option('--reason <text>', option.reason)
    .action(async (ids: string[], { reason }: { readonly reason?: string }) => {
      const client = await context.client();
      await runKick(context, ids, (id) => client.kickConnection(id, { system: context.globals.system, reason }));
    });
  addExamples(group, context, [
    "client ls --where dialect=json --where 'queueBytes>0' --sort ageSeconds --desc",
    'client ls --all -o csv > clients.csv',
    'client show 4711 --json',
    'client history alice',
    'client kick 4711 --reason maintenance',
    'client kick 4711 4712 --dry-run',
  ]);
}
