import type { Argument, Command, Option } from 'commander';

/** A command as completion and the manual see it. */
export interface CommandNode {
  /** Words from the program's name on, the program's left out: `[]`, `['group']`, `['group', 'ls']`. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly arguments: readonly CommandArgument[];
  /** Its own. */
  readonly options: readonly CommandOption[];
  readonly children: readonly CommandNode[];
  /** Command lines, without the program's name where it comes first. */
  readonly examples: readonly string[];
}

export interface CommandArgument {
  readonly name: string;
  readonly summary: string;
  readonly isRequired: boolean;
  readonly isVariadic: boolean;
  /** The only values there are; empty: any. */
  readonly choices: readonly string[];
}

export interface CommandOption {
  readonly flags: readonly string[];
  /** As in the help: `-s, --server <url>`. */
  readonly form: string;
  readonly summary: string;
  readonly takesValue: boolean;
  /** The only values there are; empty: any. */
  readonly choices: readonly string[];
  /** What it is where it is left out, for people. */
  readonly fallback: string | undefined;
}

/** A program with every command in it. */
export interface WholeProgram {
  readonly program: Command;
  readonly examples: ReadonlyMap<Command, readonly string[]>;
}

/** Reads commander's tree. */
export function commandTree({ program, examples }: WholeProgram): CommandNode {
  const nodeOf = (command: Command, path: readonly string[]): CommandNode => ({
    path,
    summary: command.description(),
    arguments: command.registeredArguments.map(argumentOf),
    options: command.options.filter(({ hidden }) => !hidden).map(optionOf),
    children: command.commands.map((child) => nodeOf(child, [...path, child.name()])),
    examples: examples.get(command) ?? [],
  });
  return nodeOf(program, []);
}

function argumentOf(argument: Argument): CommandArgument {
  return {
    name: argument.name(),
    summary: argument.description,
    isRequired: argument.required,
    isVariadic: argument.variadic,
    choices: argument.argChoices ?? [],
  };
}

function optionOf(option: Option): CommandOption {
  const { defaultValue, defaultValueDescription } = option;
  const isShown = option.required && defaultValue !== undefined;
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
    form: option.flags,
    summary: option.description,
    takesValue: option.required,
    choices: option.argChoices ?? [],
    fallback: isShown ? (defaultValueDescription ?? String(defaultValue)) : undefined,
  };
}

/** The node and all below it. */
export function flatten(node: CommandNode): CommandNode[] {
  return [node, ...node.children.flatMap(flatten)];
}
