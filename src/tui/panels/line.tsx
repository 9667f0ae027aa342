import { Box, Text } from 'ink';
import { cutTo, widthOf } from '../../util/text-width.ts';
import type { Theme, Tone } from '../draw/theme.ts';

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
  const rightWidth = widthOfAll(right);
  const leftWidth = widthOfAll(segments);
  const hasRight = rightWidth > 0 && leftWidth + 2 + rightWidth <= width;
  const fill = hasRight ? width - leftWidth - rightWidth : isSelected ? width - leftWidth : 0;
  const filled: readonly Segment[] = [...segments, [' '.repeat(Math.max(0, fill))], ...(hasRight ? right : [])];
  const shown = cutSegments(filled, width, theme.glyphs.ellipsis);
  if (isSelected || shown.length === 0) {
    const style = isSelected ? theme.styles.selected : {};
    return (
      <Text wrap="truncate" {...style}>
        {shown.map(([text]) => text).join('') || ' '}
      </Text>
    );
  }
  return (
    <Text wrap="truncate">
      {joinAlike(shown).map(([text, tone], index) => (
        // The pieces of a line have no identity but their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Text key={index} {...(tone === undefined ? {} : theme.styles[tone])}>
          {text}
        </Text>
      ))}
    </Text>
  );
}

/** Lines one below the other, `height` of them whether or not there is something in them. Lines have no identity but their place. */
export function Lines(props: {
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
  readonly lines: readonly (readonly Segment[])[];
}) {
  const { theme, width, height, lines } = props;
  return (
    <Box flexDirection="column" height={height}>
      {lines.slice(0, height).map((segments, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Line key={index} theme={theme} width={width} segments={segments} />
      ))}
    </Box>
  );
}

export function widthOfAll(segments: readonly Segment[]): number {
  return segments.reduce((total, [text]) => total + widthOf(text), 0);
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

/** Neighbours that look the same are one: fewer pieces to lay out. Spaces look the same in every tone but the selection's. */
function joinAlike(segments: readonly Segment[]): readonly Segment[] {
  const joined: Segment[] = [];
  for (const [text, tone] of segments) {
    const last = joined.at(-1);
    const isBlank = text.trim() === '' && last?.[1] !== 'selected' && tone !== 'selected';
    if (last && (last[1] === tone || isBlank)) joined[joined.length - 1] = [last[0] + text, last[1]];
    else joined.push([text, tone]);
  }
  return joined;
}

/** As many of the groups, in order, as fit whole; what would be cut is left out. */
export function wholeGroups(groups: readonly (readonly Segment[])[], width: number): readonly Segment[] {
  const shown: Segment[] = [];
  let used = 0;
  for (const group of groups) {
    used += widthOfAll(group);
    if (used > width) break;
    shown.push(...group);
  }
  return shown;
}
