import { type CommandNode, flatten } from '../command-tree.ts';
import { argumentBranches, optionsAt, sharedFunctions } from './bash-and-zsh.ts';
import { pathOf, quote, transitions } from './script-parts.ts';

/**
 * The script for bash 3.2 and later. It reads the line itself, because bash splits words at `:` and `=`, and expands nothing of what was typed or of what a node answers: names
 * are only ever quoted.
 */
export function bashScript(tree: CommandNode): string {
  return `# bash completion for yunque

# Splits a command line into words without its quotes: words, quoted (the quote that is open), cut (where bash begins the last word).
_yunque_split() {
  local line=$1 at char is_word=
  words=() word= quoted= cut=0
  for ((at = 0; at < \${#line}; at++)); do
    char=\${line:at:1}
    if [[ $quoted == "'" && $char != "'" ]]; then word+=$char
    elif [[ $char == '\\' ]]; then
      at=$((at + 1)) is_word=1
      word+=\${line:at:1}
    elif [[ -n $quoted && $char == "$quoted" ]]; then quoted=
    elif [[ -n $quoted ]]; then word+=$char
    elif [[ $char == [\\'\\"] ]]; then quoted=$char is_word=1 cut=\${#word}
    elif [[ $char == [[:space:]] ]]; then
      if [[ -n $is_word ]]; then words+=("$word"); fi
      word= is_word= cut=0
    else
      word+=$char is_word=1
      if [[ $COMP_WORDBREAKS == *"$char"* ]]; then cut=\${#word}; fi
    fi
  done
}

_yunque_offer() {
  local offered=$1
  if [[ $offered != "$word"* ]]; then return; fi
  offered=\${offered:cut}
  if [[ -z $quoted ]]; then printf -v offered %q "$offered"
  elif [[ $offered == *[\\'\\"\\\\\\$\\\`!]* ]]; then return
  fi
  COMPREPLY+=("$offered")
}

_yunque_choices() {
  local each
  for each; do _yunque_offer "$each"; done
}

_yunque_live() {
  local name
  compopt +o default 2>/dev/null
  while IFS= read -r name; do
    if [[ -n $name ]]; then _yunque_offer "$name"; fi
  done < <("$program" "\${chosen[@]}" __complete "$1" -- "$word" </dev/null 2>/dev/null)
}

${sharedFunctions(tree)}

_yunque() {
  local program=$1 words word quoted cut each path= flag= count=0 is_rest= offer= chosen=()
  COMPREPLY=()
  _yunque_split "\${COMP_LINE:0:COMP_POINT}"
  for each in "\${words[@]:1}"; do
    if [[ -n $flag ]]; then
      _yunque_choose "$flag" "$each"
      flag=
    elif [[ -n $is_rest ]]; then count=$((count + 1))
    elif [[ $each == -- ]]; then is_rest=1
    elif [[ $each == --*=* ]]; then _yunque_choose "\${each%%=*}" "\${each#*=}"
    elif [[ $each == -?* ]]; then
      if _yunque_value "$path $each"; then flag=$each; fi
    else
      case "$path $each" in
        ${transitions(tree).map(quote).join('|')}) path="$path $each" ;;
        *) count=$((count + 1)) ;;
      esac
    fi
  done
  offer=
  if [[ -n $flag ]]; then _yunque_value "$path $flag"
  elif [[ $word == --*=* ]] && _yunque_value "$path \${word%%=*}"; then
    flag=\${word%%=*}
    cut=$((cut > \${#flag} ? cut - \${#flag} - 1 : 0))
    word=\${word#*=}
  elif [[ $word != -* || -n $is_rest ]]; then
    case "$path:$count" in
${argumentBranches(tree)}
    esac
  fi
  if [[ -n $flag || -n $offer ]]; then
    case $offer in
      'live '*) _yunque_live "\${offer#live }" ;;
      ?*) _yunque_choices $offer ;;
    esac
    return
  fi
  case $path in
${flatten(tree)
  .map((node) => `    ${quote(pathOf(node))}) _yunque_choices ${wordsOf(tree, node).join(' ')} ;;`)
  .join('\n')}
  esac
}
complete -o default -F _yunque yunque
`;
}

function wordsOf(tree: CommandNode, node: CommandNode): string[] {
  return [
    ...node.children.map(({ path }) => path.at(-1) ?? ''),
    ...optionsAt(tree, node).flatMap(({ flags }) => flags),
  ];
}
