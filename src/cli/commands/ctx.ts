import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { addContext, listContexts, removeContexts, showContext, useContext } from '../contexts/commands.ts';
import { addExamples, addGroup } from '../examples.ts';

export function registerCtx(program: Command, context: CliContext): void {
  const { summary, argument, option } = context.text;
  const group = addGroup(program, context, 'ctx');
  group
    .command('add')
    .description(summary['ctx add'])
    .argument('<name>', argument.context)
    .option('--use', option.ctxUse)
    .action(async (name: string, { use = false }: { readonly use?: boolean }) => addContext(context, name, use));
  group
    .command('ls')
    .description(summary['ctx ls'])
    .action(async () => listContexts(context));
  group
    .command('use')
    .description(summary['ctx use'])
    .argument('[context]', argument.context)
    .option('--none', option.ctxNone)
    .action(async (name: string | undefined, { none = false }: { readonly none?: boolean }) =>
      useContext(context, name, none),
    );
  group
    .command('show')
    .description(summary['ctx show'])
    .argument('[context]', argument.contextShown)
    .action(async (name: string | undefined) => showContext(context, name));
  group
    .command('rm')
    .description(summary['ctx rm'])
    .argument('<contexts...>', argument.contexts)
    .action(async (names: string[]) => removeContexts(context, names));
  addExamples(group, context, [
    'ctx add prod -s https://push.example.com --key-file ~/prod.key --use',
    'ctx add shop -s https://push.example.com -S shop --key-file ~/shop.key',
    'ctx ls --json',
    'ctx use shop',
    'ctx use --none',
    'ctx show prod',
    'ctx rm shop',
    'client ls -C prod',
  ]);
}
