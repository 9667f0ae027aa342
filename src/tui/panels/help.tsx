import { fit } from '../../util/text-width.ts';
import { type HelpEntry, helpLines, nameWidth } from '../state/help-lines.ts';
import { firstLine } from '../state/move.ts';
import type { PanelProps } from './header.tsx';
import { Lines, type Segment } from './line.tsx';

const gap = 1;

/** The keys and the words of the screen, as much as there is room for. */
export function Help({ theme, state, layout }: Omit<PanelProps, 'snapshot'>) {
  const { columns: width } = state.size;
  const height = layout.listRows + 1;
  const all = helpLines(state.size);
  const first = firstLine(state, all.length, height);
  const lines = all.slice(first, first + height);
  return (
    <Lines
      theme={theme}
      width={width}
      height={height}
      lines={lines.map((entries): readonly Segment[] => [
        ['  '],
        ...entries.flatMap((entry) =>
          entrySegments(entry, Math.floor((width - 2) / entries.length), theme.glyphs.ellipsis),
        ),
      ])}
    />
  );
}

function entrySegments({ name, says }: HelpEntry, width: number, ellipsis: string): readonly Segment[] {
  return [
    [fit(name, nameWidth, 'left', ellipsis), says === '' ? 'muted' : 'accent'],
    [`${fit(says, width - nameWidth - gap, 'left', ellipsis)}${' '.repeat(gap)}`],
  ];
}
