import { Box } from 'ink';
import { sanitizeLine } from '../../util/control-characters.ts';
import { formatCount } from '../../util/figures.ts';
import { groupKeys, labelOf, promptKeys } from '../keys.ts';
import { listKindOf } from '../list-query.ts';
import { rowNumbers } from '../paging.ts';
import { textOf } from '../reduce-prompt.ts';
import { rowsOf } from '../rows.ts';
import { nameOfSubject } from '../subjects.ts';
import { listOf, type Prompt, type Question } from '../view-state.ts';
import type { PanelProps } from './header.tsx';
import { Line, type Segment, wholeGroups } from './line.tsx';

export interface FooterProps extends PanelProps {
  /** False where keys cannot be read: then none are offered. */
  readonly hasKeys: boolean;
}

/** The status line (filter, pause, place in the list) and the keys. */
export function Footer(props: FooterProps) {
  const { theme, state, hasKeys } = props;
  const width = state.size.columns;
  return (
    <Box flexDirection="column">
      <Line theme={theme} width={width} segments={statusSegments(props)} right={placeSegments(props)} />
      <Line
        theme={theme}
        width={width}
        segments={hasKeys ? hintSegments(state.prompt !== undefined, width) : [[' Ctrl-C ends', 'muted']]}
      />
    </Box>
  );
}

function statusSegments({ state, snapshot }: FooterProps): readonly Segment[] {
  const { prompt, question, notice, isPaused } = state;
  if (prompt)
    return [
      [` ${promptLabel(prompt)}`, 'accent'],
      [sanitizeLine(textOf(state, prompt)), 'title'],
      [' ', 'selected'],
    ];
  if (question) return [[` ${questionText(question)}`, 'warn']];
  if (notice) return [[` ${notice.text}`, notice.tone]];
  const { filter } = listOf(state);
  const error = snapshot.list?.page ? snapshot.list.error : undefined;
  return [
    [' '],
    [isPaused ? 'PAUSED  ' : '', 'warn'],
    [state.speed === undefined ? '' : `RECORDING x${state.speed}  `, 'warn'],
    [filter === '' ? '' : 'filter ', 'accent'],
    [sanitizeLine(filter), 'title'],
    [error === undefined ? '' : `  ${sanitizeLine(error)}`, 'bad'],
  ];
}

function promptLabel(prompt: Prompt): string {
  if (prompt.kind === 'filter') return '/';
  return prompt.kind === 'save' ? 'save as ' : `message to ${sanitizeLine(nameOfSubject(prompt.subject))}: `;
}

function questionText(question: Question): string {
  switch (question.kind) {
    case 'kick': {
      const { subject } = question;
      const isUser = subject.kind === 'client' && subject.uid !== undefined;
      return `disconnect ${sanitizeLine(nameOfSubject(subject))}? y yes${isUser ? ', u all of this user' : ''}, N no`;
    }
    case 'send':
      return `send to ${formatCount(question.subject.receivers)} connections of ${sanitizeLine(nameOfSubject(question.subject))}? y/N`;
    case 'overwrite':
      return `${sanitizeLine(question.file)} exists; overwrite it? y/N`;
  }
}

function placeSegments({ state, snapshot, columns }: FooterProps): readonly Segment[] {
  if (state.overlay !== 'none' || (state.prompt && state.prompt.kind !== 'filter') || state.question || state.notice)
    return [];
  const readonly: readonly Segment[] = state.isReadonly ? [['readonly ', 'muted']] : [];
  const page = snapshot.list?.page;
  if (!listKindOf(state.view) || !page) return readonly;
  const [first, last] = rowNumbers(listOf(state).page, rowsOf(state.view, snapshot, state, columns).length, page.total);
  return [...readonly, [`${formatCount(first)}-${formatCount(last)} of ${formatCount(page.total)} `, 'muted']];
}

function hintSegments(isTyping: boolean, width: number): readonly Segment[] {
  const hints = isTyping
    ? promptKeys.flatMap(({ key, hint }) => (hint === undefined ? [] : [{ keys: [key], says: hint }]))
    : groupKeys((binding) => binding.hint);
  return wholeGroups(
    hints.map(({ keys, says }): readonly Segment[] => [
      [` ${keys.map(labelOf).join(' ')}`, 'accent'],
      [` ${says} `, 'muted'],
    ]),
    width,
  );
}
