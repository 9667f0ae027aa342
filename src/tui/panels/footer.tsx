import { Box } from 'ink';
import { sanitizeLine } from '../../util/control-characters.ts';
import { formatCount } from '../../util/figures.ts';
import { cutTo, widthOf } from '../../util/text-width.ts';
import { keyOf, rowsOf } from '../columns/rows.ts';
import { nameOfSubject } from '../columns/subjects.ts';
import { overlayLines } from '../facts.ts';
import { type Action, bindings, groupKeys, labelOf, promptKeys } from '../state/keys.ts';
import { listKindOf } from '../state/list-query.ts';
import { firstLine } from '../state/move.ts';
import { rowNumbers } from '../state/paging.ts';
import { textOf } from '../state/reduce-prompt.ts';
import type { Subject } from '../state/subject.ts';
import { listOf, type Prompt, type Question, selectedIndex, type ViewState } from '../state/view-state.ts';
import type { PanelProps } from './header.tsx';
import { Line, type Segment, wholeGroups } from './line.tsx';

export interface FooterProps extends PanelProps {
  /** False where keys cannot be read: then none are offered. */
  readonly hasKeys: boolean;
}

/** The status line (what is typed or asked, filter, place in the list) and the keys. */
export function Footer(props: FooterProps) {
  const { theme, state, hasKeys } = props;
  const width = state.size.columns;
  return (
    <Box flexDirection="column">
      <Line theme={theme} width={width} segments={statusSegments(props)} right={placeSegments(props)} />
      <Line theme={theme} width={width} segments={hasKeys ? hintSegments(state, width) : [[' Ctrl-C ends', 'muted']]} />
    </Box>
  );
}

function statusSegments(props: FooterProps): readonly Segment[] {
  const { state, snapshot, theme } = props;
  const { prompt, question, notice } = state;
  if (prompt) return promptSegments(props, prompt);
  if (question) return [[` ${theme.glyphs.degraded} ${questionText(question)}`, 'warn']];
  if (notice) return [[` ${notice.text}`, notice.tone]];
  if (state.overlay === 'tail' && state.tailOf) {
    return [
      [' tail of ', 'accent'],
      [sanitizeLine(nameOfSubject(state.tailOf)), 'title'],
      ...streamError(snapshot.copies.error),
    ];
  }
  const { filter } = listOf(state);
  const error = snapshot.list?.page ? snapshot.list.error : undefined;
  const stream = state.view === 'messages' ? snapshot.copies : state.view === 'events' ? snapshot.events : undefined;
  return [
    [' '],
    [filter === '' ? '' : 'filter ', 'accent'],
    [filter === '' ? '' : `${sanitizeLine(filter)}  `, 'title'],
    ...streamError(error ?? (stream?.entries.length ? stream.error : undefined)),
  ];
}

function streamError(error: string | undefined): readonly Segment[] {
  return error === undefined ? [] : [[`  ${sanitizeLine(error)}`, 'bad']];
}

/** The end of what is typed is what one sees of it. */
function promptSegments({ state, theme }: FooterProps, prompt: Prompt): readonly Segment[] {
  const label = ` ${promptLabel(prompt)}`;
  const typed = sanitizeLine(textOf(state, prompt));
  const room = state.size.columns - widthOf(label) - 2;
  return [
    [label, 'accent'],
    [endOf(typed, room, theme.glyphs.ellipsis), 'title'],
    [' ', 'selected'],
  ];
}

function endOf(text: string, room: number, ellipsis: string): string {
  if (widthOf(text) <= room) return text;
  const graphemes = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  let end = '';
  while (graphemes.length > 0 && widthOf(ellipsis + graphemes.at(-1) + end) <= room) end = `${graphemes.pop()}${end}`;
  return ellipsis + end;
}

function promptLabel(prompt: Prompt): string {
  if (prompt.kind === 'filter') return '/';
  return prompt.kind === 'save' ? 'save as ' : `message to ${cutTo(sanitizeLine(nameOfSubject(prompt.subject)), 30)}: `;
}

function questionText(question: Question): string {
  switch (question.kind) {
    case 'kick': {
      const { subject } = question;
      const isUser = subject.kind === 'client' && subject.uid !== undefined;
      const name = cutTo(sanitizeLine(nameOfSubject(subject)), 34);
      return `disconnect ${name}?  y yes${isUser ? '  u all of this user' : ''}  n no`;
    }
    case 'send':
      return `send to ${receiversOf(question.subject)} of ${cutTo(sanitizeLine(nameOfSubject(question.subject)), 30)}?  y yes  n no`;
    case 'overwrite':
      return `${cutTo(sanitizeLine(question.file), 40)} exists; overwrite it?  y yes  n no`;
  }
}

function receiversOf({ receivers }: Subject): string {
  return receivers === undefined ? 'all connections' : `${formatCount(receivers)} connections`;
}

/** Where in the list the screen is, and what was lost of a stream. */
function placeSegments({ state, snapshot, layout, columns }: FooterProps): readonly Segment[] {
  const { view } = state;
  if ((state.prompt && state.prompt.kind !== 'filter') || state.question || state.notice) return [];
  if (state.overlay === 'tail' || (state.overlay === 'none' && view === 'messages'))
    return streamSegments(snapshot.copies, 'messages');
  if (state.overlay !== 'none') return scrollSegments(state, overlayLines(snapshot, state, columns), layout);
  if (view === 'events') return streamSegments(snapshot.events, 'events');
  const rows = rowsOf(view, snapshot, state, columns);
  const page = snapshot.list?.page;
  if (listKindOf(view)) {
    if (!page) return [];
    const [first, last] = rowNumbers(listOf(state).page, rows.length, page.total);
    const missing = page.missingNodes?.length ? ` without ${page.missingNodes.length} nodes` : '';
    return [
      [missing === '' ? '' : `${missing}  `, 'bad'],
      [`${formatCount(first)}-${formatCount(last)} of ${formatCount(page.total)} `, 'muted'],
    ];
  }
  const keys = rows.map((row) => keyOf(view, row));
  return rows.length === 0
    ? []
    : [[`${selectedIndex(listOf(state), keys) + 1} of ${formatCount(rows.length)} `, 'muted']];
}

/** Which lines of the overlay are seen, where not all are. */
function scrollSegments(state: ViewState, lines: number, { listRows }: PanelProps['layout']): readonly Segment[] {
  const height = listRows + 1;
  if (lines <= height) return [];
  const first = firstLine(state, lines, height);
  return [[`lines ${first + 1}-${first + height} of ${lines} `, 'muted']];
}

function streamSegments(
  { count, lost }: { readonly count: number; readonly lost: number },
  what: string,
): readonly Segment[] {
  return [
    [lost > 0 ? `${formatCount(lost)} left out  ` : '', 'warn'],
    [`${formatCount(count)} ${what} `, 'muted'],
  ];
}

/** What is of use on a list, the most useful first: a narrow terminal has no room for the rest, which is in help. */
const onList: readonly Action[] = [
  ...([
    'quit',
    'help',
    'filter',
    'details',
    'sortNext',
    'kick',
    'message',
    'tail',
    'reverse',
    'figures',
    'pause',
  ] as const),
  ...(['nextView', 'slower'] as const),
];
const onOverlay: readonly Action[] = ['quit', 'help', 'back', 'json', 'tail', 'pause'];

function hintActions({ overlay, view, isReadonly, speed }: ViewState): readonly Action[] {
  if (overlay === 'help') return ['quit', 'back'];
  if (overlay !== 'none') return onOverlay.filter((action) => action !== overlay);
  const isAboutSomebody = view !== 'nodes' && view !== 'queues' && speed === undefined;
  return onList.filter((action) => {
    if (action === 'tail') return isAboutSomebody;
    return action === 'kick' || action === 'message' ? isAboutSomebody && !isReadonly : true;
  });
}

function hintSegments(state: ViewState, width: number): readonly Segment[] {
  const all = groupKeys((binding) => binding.hint);
  const hints = state.prompt
    ? promptKeys.flatMap(({ key, hint }) => (hint === undefined ? [] : [{ keys: [key], says: hint }]))
    : hintActions(state).flatMap((action) => {
        const hint = bindings.find((binding) => binding.action === action)?.hint;
        return all.filter(({ says }) => says === hint);
      });
  return wholeGroups(
    hints.map(({ keys, says }): readonly Segment[] => [
      [` ${keys.map(labelOf).join(' ')}`, 'accent'],
      [` ${says} `, 'muted'],
    ]),
    width,
  );
}
