import { type CommandNode, type CommandOption, flatten } from '../command-tree.ts';
import { type LiveKind, liveKindOfArgument, liveKindOfOption } from './live-kinds.ts';

/** What can stand in a place: words that are known, names that are asked for, or anything, such as a file. */
export type Slot =
  | { readonly of: 'choices'; readonly choices: readonly string[] }
  | { readonly of: 'live'; readonly kind: LiveKind }
  | { readonly of: 'any' };

/** Options with which a server is chosen: what asks for names gets them as they were typed. */
export const serverFlags = ['-s', '--server', '-C', '--context', '-S', '--system', '--key-file', '--ca-file'] as const;

/** `' group ls'`; of the program itself `''`. */
export function pathOf({ path }: Pick<CommandNode, 'path'>): string {
  return path.map((word) => ` ${word}`).join('');
}

/** From a path and a word to the path they make: `' group'` + `' ls'` is `' group ls'`. */
export function transitions(tree: CommandNode): string[] {
  return flatten(tree)
    .filter(({ path }) => path.length > 0)
    .map(pathOf);
}

export interface ValueSlot {
  /** Undefined: of every command. */
  readonly path: string | undefined;
  readonly flags: readonly string[];
  readonly slot: Slot;
}

/** Options with a value; those of commands come before those of all. */
export function valueSlots(tree: CommandNode): ValueSlot[] {
  const slotsOf = (node: CommandNode) =>
    node.options
      .filter(({ takesValue }) => takesValue)
      .map((option) => ({ path: node === tree ? undefined : pathOf(node), flags: option.flags, slot: slotOf(option) }));
  return [...flatten(tree).slice(1), tree].flatMap(slotsOf);
}

export interface ArgumentSlot {
  readonly path: string;
  /** Counted from 0; undefined: all behind those before. */
  readonly at: number | undefined;
  readonly slot: Slot;
}

/** Arguments whose values are known or can be asked for. */
export function argumentSlots(tree: CommandNode): ArgumentSlot[] {
  return flatten(tree).flatMap((node) =>
    node.arguments.flatMap((argument, index): ArgumentSlot[] => {
      const kind = liveKindOfArgument(node, argument);
      const at = argument.isVariadic ? undefined : index;
      if (argument.choices.length > 0)
        return [{ path: pathOf(node), at, slot: { of: 'choices', choices: argument.choices } }];
      return kind === undefined ? [] : [{ path: pathOf(node), at, slot: { of: 'live', kind } }];
    }),
  );
}

function slotOf(option: CommandOption): Slot {
  const kind = liveKindOfOption(option);
  if (option.choices.length > 0) return { of: 'choices', choices: option.choices };
  return kind === undefined ? { of: 'any' } : { of: 'live', kind };
}

/** A word of a POSIX shell, and of fish where it has no backslash. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
