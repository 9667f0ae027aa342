import { type Command, Option } from 'commander';
import { keyRoles } from '../../api/principal.ts';
import { confirm } from '../confirm.ts';
import type { CliContext } from '../context.ts';
import { addExamples, addGroup } from '../examples.ts';
import { addListOptions, type ListFlags, runList } from '../list.ts';
import { systemListing } from '../listings.ts';
import { missingFromAny } from '../missing-nodes.ts';
import { removeEach } from '../remove-each.ts';
import { addRotateOptions, rotateKey, type SystemKeyFlags } from '../rotate-key.ts';
import { showRow } from '../show-row.ts';

export function registerSystem(program: Command, context: CliContext): void {
  const { summary, argument, option } = context.text;
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
      await showRow(context, systemListing, await client.system(system));
    });
  addRotateOptions(
    group
      .command('rotate-key')
      .description(summary['system rotate-key'])
      .argument('<system>', argument.system)
      .addOption(new Option('--role <role>', option.keyRole).choices(keyRoles).default('push')),
    context,
  ).action(async (system: string, { role, ...flags }: SystemKeyFlags) => {
    await rotateKey(context, { owner: 'system', system, role }, flags);
  });
  group
    .command('rm')
    .description(summary['system rm'])
    .argument('<systems...>', argument.systems)
    .action(async (systems: string[]) => {
      await confirm(context, context.text.line.removeSystem(systems.join(' ')));
      await removeSystems(context, systems);
    });
  addExamples(group, context, [
    'system add shop',
    'system ls --json',
    'system show shop',
    'system rotate-key shop > shop.key',
    'system rm shop --yes',
    'system rm shop --dry-run',
  ]);
}

async function removeSystems(context: CliContext, names: readonly string[]): Promise<void> {
  const client = await context.client();
  await removeEach(context, {
    names,
    remove: (name) => client.removeSystem(name),
    unknown: 'unknown_system',
    schema: 'yunque.systems-removed/1',
    sum: (results) => ({ closed: results.reduce((sum, { closed }) => sum + closed, 0) }),
    missing: missingFromAny,
    unknownLine: context.text.line.partlyRemoved,
  });
}
