import { Argument, type Command } from 'commander';
import { commandTree } from '../command-tree.ts';
import { type Shell, shellScript, shells } from '../completion/scripts.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';

export function registerCompletion(program: Command, context: CliContext): void {
  const { summary, argument } = context.text;
  const command = program
    .command('completion')
    .description(summary.completion)
    .addArgument(new Argument('<shell>', argument.shell).choices(shells))
    .action(async (shell: Shell) => {
      const tree = commandTree(await context.loadAllCommands());
      (await context.printer()).raw(shellScript(shell, tree));
    });
  addExamples(command, context, [
    'completion bash > ~/.local/share/bash-completion/completions/yunque',
    'completion zsh > "$' + '{fpath[1]}/_yunque"',
    'completion fish > ~/.config/fish/completions/yunque.fish',
  ]);
}
