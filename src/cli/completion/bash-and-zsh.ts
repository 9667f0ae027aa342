import type { CommandNode, CommandOption } from '../command-tree.ts';
import { argumentSlots, quote, type Slot, serverFlags, valueSlots } from './script-parts.ts';

/** What both shells say in the same words: the functions `_yunque_value` and `_yunque_choose`. */
export function sharedFunctions(tree: CommandNode): string {
  return `# What the value of an option can be; fails where it takes none.
_yunque_value() {
  case $1 in
${valueSlots(tree)
  .map(
    ({ path, flags, slot }) =>
      `    ${flags.map((flag) => pattern(path, flag)).join('|')}) offer=${quote(offerOf(slot))} ;;`,
  )
  .join('\n')}
    *) return 1 ;;
  esac
}

_yunque_choose() {
  case $1 in
    ${serverFlags.join('|')}) chosen+=("$1" "\${2/#\\~\\//$HOME/}") ;;
  esac
}`;
}

/** Branches that set `offer` by `path:count`. */
export function argumentBranches(tree: CommandNode): string {
  return argumentSlots(tree)
    .map(({ path, at, slot }) => `      ${quote(`${path}:`)}${at ?? '*'}) offer=${quote(offerOf(slot))} ;;`)
    .join('\n');
}

/** Those of the command, then those of every command. */
export function optionsAt(tree: CommandNode, node: CommandNode): readonly CommandOption[] {
  return node === tree ? tree.options : [...node.options, ...tree.options];
}

/** Global options are those of any path. */
function pattern(path: string | undefined, flag: string): string {
  return path === undefined ? `*${quote(` ${flag}`)}` : quote(`${path} ${flag}`);
}

function offerOf(slot: Slot): string {
  if (slot.of === 'live') return `live ${slot.kind}`;
  return slot.of === 'choices' ? slot.choices.join(' ') : '';
}
