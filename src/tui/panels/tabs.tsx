import { views } from '../state/view-state.ts';
import type { PanelProps } from './header.tsx';
import { Line, type Segment, widthOfAll } from './line.tsx';

/** Which view is open, on the line that parts the header from it. */
export function Tabs({ theme, state }: Pick<PanelProps, 'theme' | 'state'>) {
  const width = state.size.columns;
  const named = tabSegments(state, theme, true);
  const tabs = widthOfAll(named) <= width ? named : tabSegments(state, theme, false);
  const overlay: Segment = [state.overlay === 'none' ? '' : ` ${state.overlay} `, 'title'];
  const gap = tabs.at(-1)?.[0].endsWith(' ') ? '' : ' ';
  const rest = width - widthOfAll(tabs) - gap.length;
  const shown = rest - overlay[0].length >= 2 ? [overlay] : [];
  const rule: Segment = [theme.glyphs.rule.repeat(Math.max(0, rest - widthOfAll(shown))), 'muted'];
  return <Line theme={theme} width={width} segments={[...tabs, [gap], ...shown, rule]} />;
}

/** `isNamed`: all of them, else only the one that is open. */
function tabSegments(
  { view: open }: PanelProps['state'],
  theme: PanelProps['theme'],
  isNamed: boolean,
): readonly Segment[] {
  return views.flatMap((view, index): Segment[] => {
    const number = String(index + 1);
    if (view === open) return [[`${theme.glyphs.selected}${number} ${view} `, 'selected']];
    const space = index > 0 && views[index - 1] === open ? '' : ' ';
    return [[`${space}${number}`, 'accent'], [isNamed ? ` ${view}` : '']];
  });
}
