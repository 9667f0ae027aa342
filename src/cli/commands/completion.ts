import { type Command, InvalidArgumentError } from 'commander';
import { type Shell, shellScript, shells } from '../completion/scripts.ts';
import { completionTree } from '../completion/tree.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';

export function registerCompletion(program: Command, context: CliContext): void {
  const { summary, argument } = context.text;
  const command = program
    .command('completion')
    .description(summary.completion)
    .argument('<shell>', argument.shell, shellArg)
    .action(async (shell: Shell) => {
      const tree = completionTree(await context.loadAllCommands());
      (await context.printer()).raw(shellScript(shell, tree));
    });
  addExamples(command, context, [
    'completion bash > ~/.local/share/bash-completion/completions/yunque',
    'completion zsh > "$' + '{fpath[1]}/_yunque"',
    'completion fish > ~/.config/fish/completions/yunque.fish',
  ]);
}

function shellArg(text: string): Shell {
  const shell = shells.find((name) => name === text);
  if (shell === undefined) throw new InvalidArgumentError(`Allowed choices are ${shells.join(', ')}.`);
  return shell;
}
