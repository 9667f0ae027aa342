import { fit } from '../../util/text-width.ts';
import { groupKeys, labelOf, promptKeys } from '../state/keys.ts';
import type { PanelProps } from './header.tsx';
import { Lines, type Segment } from './line.tsx';

const keyWidth = 16;
const leastColumnWidth = 38;

/** The keys, from the key table, in as many columns as the height asks for and the width allows. */
export function Help({ theme, state, layout }: Omit<PanelProps, 'snapshot'>) {
  const height = layout.listRows + 1;
  const width = state.size.columns;
  const entries = helpEntries();
  const columns = Math.min(Math.ceil(entries.length / height), Math.max(1, Math.floor(width / leastColumnWidth)));
  const perColumn = Math.ceil(entries.length / columns);
  const columnWidth = Math.floor((width - 2) / columns);
  const isCut = perColumn > height;
  const lines = Array.from({ length: isCut ? height - 1 : perColumn }, (_, line): readonly Segment[] =>
    Array.from({ length: columns }, (_, column) => entries[column * perColumn + line]).flatMap((entry): Segment[] =>
      entry
        ? [
            [fit(entry.keys, keyWidth, 'left', theme.glyphs.ellipsis), 'accent'],
            [fit(entry.says, columnWidth - keyWidth, 'left', theme.glyphs.ellipsis)],
          ]
        : [],
    ),
  );
  if (isCut) lines.push([['a taller terminal shows the rest', 'warn']]);
  return (
    <Lines
      theme={theme}
      width={width}
      height={height}
      lines={lines.map((segments): readonly Segment[] => [['  '], ...segments])}
    />
  );
}

function helpEntries(): readonly { readonly keys: string; readonly says: string }[] {
  return [
    ...groupKeys((binding) => binding.help).map(({ keys, says }) => ({ keys: keys.map(labelOf).join(' '), says })),
    { keys: '', says: '' },
    { keys: 'while typing', says: 'words, or queueBytes>0' },
    ...promptKeys.map(({ key, help }) => ({ keys: labelOf(key), says: help })),
  ];
}
