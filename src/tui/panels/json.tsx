import { whyNoRow } from '../details/details.ts';
import { jsonLines } from '../details/json-lines.ts';
import { firstLine } from '../state/move.ts';
import type { PanelProps } from './header.tsx';
import { Lines, type Segment } from './line.tsx';

/** The row as JSON. */
export function Json({ theme, snapshot, state, layout, columns }: PanelProps) {
  const height = layout.listRows + 1;
  const lines = jsonLines(snapshot, state, columns);
  const first = firstLine(state, lines.length, height);
  const shown = lines.slice(first, first + height).map(coloured);
  const gone: readonly Segment[] = [[`  ${whyNoRow(snapshot, state.view)}`, 'muted']];
  return <Lines theme={theme} width={state.size.columns} height={height} lines={lines.length === 0 ? [gone] : shown} />;
}

/** Names apart from values. */
function coloured(line: string): readonly Segment[] {
  const [, indent = '', name = '', value = ''] = /^(\s*)("(?:[^"\\]|\\.)*":)?(.*)$/.exec(line) ?? [];
  return [[`  ${indent}`], [name, 'accent'], [value]];
}
