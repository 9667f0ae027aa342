import type { Command } from 'commander';
import { Option } from 'commander';
import type { KeyGrant } from '../../api/keys.ts';
import { type KeyRole, keyRoles, type OperatorRole, operatorRoles } from '../../api/principal.ts';
import { CliError } from '../cli-error.ts';
import { confirm } from '../confirm.ts';
import type { CliContext } from '../context.ts';
import { addExamples, addGroup } from '../examples.ts';
import { addListOptions, type ListFlags, runList } from '../list.ts';
import { keyListing } from '../listings.ts';
import { removeEach } from '../remove-each.ts';
import { addRotateOptions, type RotateFlags, rotateKey } from '../rotate-key.ts';

export interface KeyFlags extends RotateFlags {
  readonly operator?: boolean;
  readonly role: KeyRole | OperatorRole;
}

export function registerKey(program: Command, context: CliContext): void {
  const { summary, argument, option } = context.text;
  const group = addGroup(program, context, 'key');
  addListOptions(group.command('ls').description(summary['key ls']), context).action(async (flags: ListFlags) => {
    const client = await context.client();
    await runList(context, flags, keyListing, (query) => client.keys(query));
  });
  addRotateOptions(
    group
      .command('rotate')
      .description(summary['key rotate'])
      .option('--operator', option.keyOfOperator)
      .addOption(
        new Option('--role <role>', option.keyRole)
          .choices([...new Set([...keyRoles, ...operatorRoles])])
          .makeOptionMandatory(),
      ),
    context,
  ).action(async ({ operator = false, role, ...flags }: KeyFlags) => {
    await rotateKey(context, grantOf(context, operator, role), flags);
  });
  group
    .command('rm')
    .description(summary['key rm'])
    .argument('<ids...>', argument.keyIds)
    .action(async (ids: string[]) => {
      await confirm(context, context.text.line.removeKey(ids.join(' ')));
      const client = await context.client();
      await removeEach(context, {
        names: ids,
        remove: (id) => client.removeKey(id),
        unknown: 'unknown_key',
        schema: 'yunque.keys-removed/1',
        unknownLine: context.text.line.unknownKeys,
      });
    });
  addExamples(group, context, [
    'key ls -S shop',
    'key rotate -S shop --role push --ttl 90d > shop.key',
    'key rotate --operator --role read > monitor.key',
    'key rm 4k2j9x0q7w --yes',
    'key rotate -S shop --role push --now --dry-run',
  ]);
}

/** Throws `CliError` where it is not plain whose key is meant, or that owner has no such role. */
export function grantOf(context: CliContext, isOperators: boolean, role: KeyRole | OperatorRole): KeyGrant {
  const { line } = context.text;
  const { system } = context.globals;
  if (isOperators === (system !== undefined)) throw new CliError(line.keyOwner);
  if (isOperators) {
    if (!isOneOf(operatorRoles, role)) throw new CliError(line.keyRoles(operatorRoles.join(', ')));
    return { owner: 'operator', role };
  }
  if (!isOneOf(keyRoles, role)) throw new CliError(line.keyRoles(keyRoles.join(', ')));
  return { owner: 'system', system: system ?? '', role };
}

function isOneOf<T extends string>(roles: readonly T[], role: string): role is T {
  return (roles as readonly string[]).includes(role);
}
