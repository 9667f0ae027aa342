import type { Command, Option } from 'commander';

/** What can be completed after a command. */
export interface CompletionNode {
  /** Words from the program's name on, the program's left out: `[]`, `['group']`, `['group', 'ls']`. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly children: readonly CompletionNode[];
  readonly options: readonly CompletionOption[];
}

export interface CompletionOption {
  readonly flags: readonly string[];
  readonly summary: string;
  readonly takesValue: boolean;
  /** The only values there are; empty: any. */
  readonly choices: readonly string[];
}

/** Reads commander's tree. Each node has the options of all its parents as well, as the parser has. */
export function completionTree(
  command: Command,
  path: readonly string[] = [],
  inherited: readonly CompletionOption[] = [],
): CompletionNode {
  const options = [...command.options.filter(({ hidden }) => !hidden).map(completionOption), ...inherited];
  const children = command.commands.map((child) => completionTree(child, [...path, child.name()], options));
  return { path, summary: command.description(), children, options };
}

function completionOption(option: Option): CompletionOption {
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
    summary: option.description,
    takesValue: option.required,
    choices: option.argChoices ?? [],
  };
}

/** The node and all below it. */
export function flatten(node: CompletionNode): CompletionNode[] {
  return [node, ...node.children.flatMap(flatten)];
}
