import { type CommandNode, flatten } from '../command-tree.ts';
import { argumentSlots, pathOf, quote, type Slot, serverFlags, transitions, valueSlots } from './script-parts.ts';

/** The script for zsh. `path` and `words` are taken: in zsh they mean something. Names are quoted by `compadd`. */
export function zshScript(tree: CommandNode): string {
  return `#compdef yunque

_yunque_live() {
  local -a names
  names=("\${(@f)$("$program" "\${chosen[@]}" __complete "$1" -- "\${(Q)PREFIX}" </dev/null 2>/dev/null)}")
  names=("\${(@)names:#}")
  if (( $#names )); then compadd -- "\${names[@]}"; fi
}

# What the value of an option can be; fails where it takes none.
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
}

_yunque() {
  local program=\${(Q)words[1]} each at= flag= is_rest= offer=
  integer count=0
  local -a chosen offered
  for each in "\${(@Q)words[2,CURRENT-1]}"; do
    if [[ -n $flag ]]; then
      _yunque_choose "$flag" "$each"
      flag=
    elif [[ -n $is_rest ]]; then count+=1
    elif [[ $each == -- ]]; then is_rest=1
    elif [[ $each == --*=* ]]; then _yunque_choose "\${each%%=*}" "\${each#*=}"
    elif [[ $each == -?* ]]; then
      if _yunque_value "$at $each"; then flag=$each; fi
    else
      case "$at $each" in
        ${transitions(tree).map(quote).join('|')}) at="$at $each" ;;
        *) count+=1 ;;
      esac
    fi
  done
  offer=
  if [[ -n $flag ]]; then _yunque_value "$at $flag"
  elif [[ $PREFIX == --*=* ]] && _yunque_value "$at \${PREFIX%%=*}"; then
    flag=\${PREFIX%%=*}
    compset -P '*='
  elif [[ $PREFIX != -* || -n $is_rest ]]; then
    case "$at:$count" in
${argumentSlots(tree)
  .map(({ path, at, slot }) => `      ${quote(`${path}:`)}${at ?? '*'}) offer=${quote(offerOf(slot))} ;;`)
  .join('\n')}
    esac
  fi
  case $offer in
    'live '*) _yunque_live "\${offer#live }"; return ;;
    ?*) compadd -- \${=offer}; return ;;
  esac
  if [[ -n $flag ]]; then
    _files
    return
  fi
  case $at in
${flatten(tree)
  .map((node) => `    ${quote(pathOf(node))}) offered=(${describedWords(tree, node)}) ;;`)
  .join('\n')}
  esac
  _describe -t words yunque offered || _files
}

if [[ \${funcstack[1]} == _yunque ]]; then _yunque "$@"; else compdef _yunque yunque; fi
`;
}

function pattern(path: string | undefined, flag: string): string {
  return path === undefined ? `*${quote(` ${flag}`)}` : quote(`${path} ${flag}`);
}

function offerOf(slot: Slot): string {
  if (slot.of === 'live') return `live ${slot.kind}`;
  return slot.of === 'choices' ? slot.choices.join(' ') : '';
}

function describedWords(tree: CommandNode, node: CommandNode): string {
  const options = node === tree ? tree.options : [...node.options, ...tree.options];
  return [
    ...node.children.map((child) => [child.path.at(-1) ?? '', child.summary] as const),
    ...options.flatMap(({ flags, summary }) => flags.map((flag) => [flag, summary] as const)),
  ]
    .map(([word, summary]) => quote(`${word.replaceAll(':', '\\:')}:${summary}`))
    .join(' ');
}
