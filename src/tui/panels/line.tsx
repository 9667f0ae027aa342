import { Text } from 'ink';
import { cutTo, widthOf } from '../../util/text-width.ts';
import type { Theme, Tone } from '../theme.ts';

/** A piece of a line and what it means. */
export type Segment = readonly [text: string, tone?: Tone | undefined];

export interface LineProps {
  readonly theme: Theme;
  readonly width: number;
  readonly segments: readonly Segment[];
  /** At the right edge; left out where there is no room for it. */
  readonly right?: readonly Segment[];
  /** Over the tones of the segments, up to the right edge. */
  readonly isSelected?: boolean;
}

/** One line of the screen, cut at its width. Its texts must be printable. */
export function Line({ theme, width, segments, right = [], isSelected = false }: LineProps) {
  const rightWidth = right.reduce((total, [text]) => total + widthOf(text), 0);
  const leftWidth = segments.reduce((total, [text]) => total + widthOf(text), 0);
  const hasRight = rightWidth > 0 && leftWidth + 2 + rightWidth <= width;
  const fill = hasRight ? width - leftWidth - rightWidth : isSelected ? width - leftWidth : 0;
  const filled: readonly Segment[] = [...segments, [' '.repeat(Math.max(0, fill))], ...(hasRight ? right : [])];
  const shown = cutSegments(filled, width, theme.glyphs.ellipsis);
  return (
    <Text wrap="truncate" {...(isSelected ? theme.styles.selected : {})}>
      {shown.map(([text, tone], index) => (
        // The pieces of a line have no identity but their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Text key={index} {...(isSelected || tone === undefined ? {} : theme.styles[tone])}>
          {text}
        </Text>
      ))}
      {shown.length === 0 ? ' ' : ''}
    </Text>
  );
}

function cutSegments(segments: readonly Segment[], width: number, ellipsis: string): readonly Segment[] {
  const shown: Segment[] = [];
  let room = width;
  for (const [text, tone] of segments) {
    if (text === '') continue;
    if (room <= 0) break;
    const cut = cutTo(text, room, ellipsis);
    shown.push([cut, tone]);
    room -= widthOf(text);
  }
  return shown;
}

/** As many of the groups, in order, as fit whole; what would be cut is left out. */
export function wholeGroups(groups: readonly (readonly Segment[])[], width: number): readonly Segment[] {
  const shown: Segment[] = [];
  let used = 0;
  for (const group of groups) {
    used += group.reduce((total, [text]) => total + widthOf(text), 0);
    if (used > width) break;
    shown.push(...group);
  }
  return shown;
}
