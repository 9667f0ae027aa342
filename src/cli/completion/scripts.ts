import { type CompletionNode, type CompletionOption, flatten } from './tree.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A completion script that runs nothing: every word is in it. */
export function shellScript(shell: Shell, tree: CompletionNode): string {
  return { bash, zsh, fish }[shell](tree);
}

/** Walks the words typed so far to the command they name, then offers what belongs to it. */
function bash(tree: CompletionNode): string {
  return `# bash completion for yunque
_yunque() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path= index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$path \${COMP_WORDS[index]}" in
${transitions(tree)
  .map(([from, to]) => `      ${quote(from)}) path=${quote(to)} ;;`)
  .join('\n')}
    esac
  done
  case "$previous" in
${valueCases(tree)
  .map(
    ({ flags, choices }) =>
      `    ${flags.join('|')}) COMPREPLY=($(compgen ${choices.length > 0 ? `-W ${quote(choices.join(' '))}` : '-f'} -- "$word")); return ;;`,
  )
  .join('\n')}
  esac
  local words=
  case "$path" in
${flatten(tree)
  .map((node) => `    ${quote(pathOf(node))}) words=${quote(wordsOf(node).join(' '))} ;;`)
  .join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _yunque yunque
`;
}

/** `path` is taken: in zsh it is the search path. */
function zsh(tree: CompletionNode): string {
  return `#compdef yunque
_yunque() {
  local at= index
  for ((index = 2; index < CURRENT; index++)); do
    case "$at $words[index]" in
${transitions(tree)
  .map(([from, to]) => `      ${quote(from)}) at=${quote(to)} ;;`)
  .join('\n')}
    esac
  done
  case "$words[CURRENT-1]" in
${valueCases(tree)
  .map(
    ({ flags, choices }) =>
      `    ${flags.join('|')}) ${choices.length > 0 ? `compadd -- ${choices.map(quote).join(' ')}` : '_files'}; return ;;`,
  )
  .join('\n')}
  esac
  local -a offered
  case "$at" in
${flatten(tree)
  .map(
    (node) =>
      `    ${quote(pathOf(node))}) offered=(${describedWords(node)
        .map(([word, summary]) => quote(`${word.replaceAll(':', '\\:')}:${summary}`))
        .join(' ')}) ;;`,
  )
  .join('\n')}
  esac
  _describe -t words yunque offered || _files
}
compdef _yunque yunque
`;
}

function fish(tree: CompletionNode): string {
  const lines = flatten(tree).flatMap((node) => [
    ...node.children.map((child) => fishLine(node, [`-f -a ${quote(child.path.at(-1) ?? '')}`, child.summary])),
    ...ownOptions(tree, node).map((option) => fishLine(node, [fishFlags(option), option.summary])),
  ]);
  return `# fish completion for yunque
function __yunque_at
  set -l at ''
  for word in (commandline -opc)[2..]
    switch "$at $word"
${transitions(tree)
  .map(([from, to]) => `      case ${quote(from)}\n        set at ${quote(to)}`)
  .join('\n')}
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`;
}

function fishLine(node: CompletionNode, [what, summary]: readonly [string, string]): string {
  const condition =
    node.path.length === 0 && !what.startsWith('-f') ? '' : ` -n ${quote(`__yunque_at ${quote(pathOf(node))}`)}`;
  return `complete -c yunque${condition} ${what} -d ${quote(summary)}`;
}

function fishFlags({ flags, takesValue, choices }: CompletionOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const value = choices.length > 0 ? [`-x -a ${quote(choices.join(' '))}`] : takesValue ? ['-r'] : [];
  return [...names, ...value].join(' ');
}

/** Options of the program hold everywhere and are written once. */
function ownOptions(tree: CompletionNode, node: CompletionNode): readonly CompletionOption[] {
  return node === tree
    ? node.options
    : node.options.filter((option) => !tree.options.includes(option) && isNearest(node, option));
}

function isNearest(node: CompletionNode, option: CompletionOption): boolean {
  return node.options.includes(option);
}

/** `' group ls'` → `' group ls'`: from a path and a word to the path they make. */
function transitions(tree: CompletionNode): (readonly [string, string])[] {
  return flatten(tree)
    .filter(({ path }) => path.length > 0)
    .map((node) => [`${pathOf({ path: node.path.slice(0, -1) })} ${node.path.at(-1)}`, pathOf(node)] as const);
}

function pathOf({ path }: Pick<CompletionNode, 'path'>): string {
  return path.map((word) => ` ${word}`).join('');
}

function wordsOf(node: CompletionNode): string[] {
  return describedWords(node).map(([word]) => word);
}

function describedWords({ children, options }: CompletionNode): (readonly [string, string])[] {
  return [
    ...children.map((child) => [child.path.at(-1) ?? '', child.summary] as const),
    ...options.flatMap(({ flags, summary }) => flags.map((flag) => [flag, summary] as const)),
  ];
}

/** Options with a value, each set of flags once. */
function valueCases(tree: CompletionNode): CompletionOption[] {
  const byFlags = new Map<string, CompletionOption>();
  for (const option of flatten(tree).flatMap(({ options }) => options)) {
    if (option.takesValue) byFlags.set(option.flags.join('|'), option);
  }
  return [...byFlags.values()];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
