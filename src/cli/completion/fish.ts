import { type CommandNode, type CommandOption, flatten } from '../command-tree.ts';
import { argumentSlots, pathOf, type Slot, serverFlags, transitions, valueSlots } from './script-parts.ts';

/** The script for fish, which quotes by itself what it inserts. */
export function fishScript(tree: CommandNode): string {
  const lines = flatten(tree).flatMap((node) => [
    ...node.children.map((child) => line(pathOf(node), `-f -a ${quote(child.path.at(-1) ?? '')}`, child.summary)),
    ...node.options.map((option) =>
      line(node === tree ? undefined : pathOf(node), optionOf(tree, node, option), option.summary),
    ),
  ]);
  const argumentLines = argumentSlots(tree).map(({ path, at, slot }) =>
    line(`${path}:${at ?? '*'}`, `-x -a ${quote(listOf(slot))}`),
  );
  return `# fish completion for yunque

# Where the line is: the words of the command, a colon, and how many arguments it has; the options that name the server are in __yunque_chosen.
function __yunque_place
  set -g __yunque_chosen
  set -l at ''
  set -l flag ''
  set -l rest ''
  set -l count 0
  for each in (commandline -opc)[2..]
    if test -n "$flag"
      __yunque_choose $flag $each
      set flag ''
    else if test -n "$rest"
      set count (math $count + 1)
    else if test "$each" = --
      set rest 1
    else if string match -qr -- '^--[^=]+=' $each
      __yunque_choose (string split -m 1 = -- $each)
    else if string match -qr -- '^-.' $each
      if __yunque_takes_value "$at $each"
        set flag $each
      end
    else
      switch "$at $each"
        case ${transitions(tree).map(quote).join(' ')}
          set at "$at $each"
        case '*'
          set count (math $count + 1)
      end
    end
  end
  echo "$at:$count"
end

function __yunque_choose
  switch $argv[1]
    case ${serverFlags.join(' ')}
      set -ga __yunque_chosen $argv[1] (string replace -r '^~/' "$HOME/" -- $argv[2])
  end
end

function __yunque_takes_value
  switch $argv[1]
    case ${valueSlots(tree)
      .flatMap(({ path, flags }) => flags.map((flag) => quote(path === undefined ? `* ${flag}` : `${path} ${flag}`)))
      .join(' ')}
      return 0
  end
  return 1
end

function __yunque_at
  string match -q -- $argv[1] (__yunque_place)
end

function __yunque_live
  set -l words (commandline -opc)
  __yunque_place >/dev/null
  set -l token (commandline -ct | string replace -r '^--[a-z-]+=' '')
  set -l plain (string unescape -- $token 2>/dev/null)
  test (count $plain) -eq 1; or set plain $token
  test (count $plain) -eq 1; or set plain ''
  command $words[1] $__yunque_chosen __complete $argv[1] -- "$plain" </dev/null 2>/dev/null
end

${[...lines, ...argumentLines].join('\n')}
`;
}

/** `place` as `__yunque_place` says it, or its path alone. */
function line(place: string | undefined, what: string, summary?: string): string {
  const glob = place === undefined ? undefined : place.includes(':') ? place : `${place}:*`;
  const condition = glob === undefined ? '' : ` -n ${quote(`__yunque_at ${quote(glob)}`)}`;
  return `complete -c yunque${condition} ${what}${summary === undefined ? '' : ` -d ${quote(summary)}`}`;
}

function optionOf(tree: CommandNode, node: CommandNode, option: CommandOption): string {
  const names = option.flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  if (!option.takesValue) return names.join(' ');
  const path = node === tree ? undefined : pathOf(node);
  const found = valueSlots(tree).find((each) => each.path === path && each.flags.join() === option.flags.join());
  const slot = found?.slot ?? { of: 'any' };
  return [...names, slot.of === 'any' ? '-r' : `-x -a ${quote(listOf(slot))}`].join(' ');
}

function listOf(slot: Slot): string {
  if (slot.of === 'live') return `(__yunque_live ${slot.kind})`;
  return slot.of === 'choices' ? slot.choices.join(' ') : '';
}

/** In fish a quote is escaped within quotes. */
function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
