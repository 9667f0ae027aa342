import type { Command } from 'commander';
import type { CliContext } from './context.ts';

/**
 * Appends examples to a command's help, one line each; the program's name is put before those that do not name it. Those of a group that show one of its commands are in that
 * one's help too, so it has to be called when they are there.
 */
export function addExamples(command: Command, context: CliContext, lines: readonly string[]): Command {
  addOwnExamples(command, context, lines);
  for (const child of command.commands) {
    const own = lines.filter((line) => exampleShows(line, [command.name(), child.name()]));
    if (own.length > 0) addOwnExamples(child, context, own);
  }
  return command;
}

/** The line as it is typed. */
export function exampleLine(line: string): string {
  return /\byunque /.test(line) ? line : `yunque ${line}`;
}

/** Whether a line runs the command of this path. */
export function exampleShows(line: string, path: readonly string[]): boolean {
  return `${exampleLine(line)} `.includes(`yunque ${path.join(' ')} `);
}

function addOwnExamples(command: Command, { text, examples }: CliContext, lines: readonly string[]): void {
  examples.set(command, lines);
  command.addHelpText('after', `\n${text.examples}\n${lines.map((line) => `  ${exampleLine(line)}`).join('\n')}`);
}

/** A group of sub-commands: alone it shows its help and fails, for nothing was done. */
export function addGroup(
  program: Command,
  context: CliContext,
  name: 'group' | 'client' | 'user' | 'system' | 'key' | 'token' | 'id' | 'node' | 'bench' | 'ctx',
): Command {
  return program.command(name).description(context.text.summary[name]).helpCommand(false);
}
