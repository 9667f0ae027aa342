import { type CommandNode, flatten } from '../command-tree.ts';
import { argumentBranches, optionsAt, sharedFunctions } from './bash-and-zsh.ts';
import { pathOf, quote, transitions } from './script-parts.ts';

/** The script for zsh. `path` and `words` are taken: in zsh they mean something. Names are quoted by `compadd`. */
export function zshScript(tree: CommandNode): string {
  return `#compdef yunque

_yunque_live() {
  local -a names
  names=("\${(@f)$("$program" "\${chosen[@]}" __complete "$1" -- "\${(Q)PREFIX}" </dev/null 2>/dev/null)}")
  names=("\${(@)names:#}")
  if (( $#names )); then compadd -- "\${names[@]}"; fi
}

${sharedFunctions(tree)}

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
${argumentBranches(tree)}
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

function describedWords(tree: CommandNode, node: CommandNode): string {
  return [
    ...node.children.map((child) => [child.path.at(-1) ?? '', child.summary] as const),
    ...optionsAt(tree, node).flatMap(({ flags, summary }) => flags.map((flag) => [flag, summary] as const)),
  ]
    .map(([word, summary]) => quote(`${word.replaceAll(':', '\\:')}:${summary}`))
    .join(' ');
}
