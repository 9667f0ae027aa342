import type { Command } from 'commander';
import type { CliContext } from './context.ts';

/** Appends examples to a command's help, one line each; the program's name is put before those that do not name it. */
export function addExamples(command: Command, { text }: CliContext, lines: readonly string[]): Command {
  return command.addHelpText(
    'after',
    `\n${text.examples}\n${lines.map((line) => (/\byunque /.test(line) ? `  ${line}` : `  yunque ${line}`)).join('\n')}`,
  );
}

/** A group of sub-commands: alone it shows its help and fails, for nothing was done. */
export function addGroup(
  program: Command,
  context: CliContext,
  name: 'group' | 'client' | 'user' | 'system' | 'key' | 'token' | 'id' | 'node' | 'bench' | 'ctx',
): Command {
  return program.command(name).description(context.text.summary[name]).helpCommand(false);
}
