import { Box } from 'ink';
import { cellsOf, type PlacedColumn, titlesOf } from '../draw/table.ts';
import type { Theme } from '../draw/theme.ts';
import { markWidth } from '../state/layout.ts';
import type { Sort } from '../state/view-state.ts';
import { Line, Lines, type Segment } from './line.tsx';

export interface ListProps<Row> {
  readonly theme: Theme;
  readonly width: number;
  /** Lines for rows, all of them used. */
  readonly height: number;
  readonly placed: readonly PlacedColumn<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Place of the selected row in `rows`. */
  readonly selected: number;
  readonly sort: Sort;
  /** Said where there are no rows. */
  readonly empty: string;
  /** Below the rows, as far as there is room. */
  readonly below?: readonly (readonly Segment[])[];
}

/** Column titles and the rows below them. `rows` is already the part that is to be seen. */
export function List<Row>(props: ListProps<Row>) {
  const { theme, width, height, placed, rows, sort, below = [] } = props;
  const { glyphs } = theme;
  const titles = titlesOf(placed, sort.by, sort.descending ? glyphs.descending : glyphs.ascending);
  return (
    <Box flexDirection="column" height={height + 1}>
      <Line theme={theme} width={width} segments={[[' '.repeat(markWidth) + titles.join(' '), 'title']]} />
      {rows.length === 0 && (
        <Line theme={theme} width={width} segments={[[`${' '.repeat(markWidth)}${props.empty}`, 'muted']]} />
      )}
      {rows.map((row, index) => {
        const isSelected = index === props.selected;
        const cells = cellsOf(placed, row, rows, glyphs.ellipsis).flatMap(({ text, tone }, at): Segment[] =>
          at === 0 ? [[text, tone]] : [[' '], [text, tone]],
        );
        const mark: Segment = [(isSelected ? glyphs.selected : '').padEnd(markWidth), 'accent'];
        return (
          <Line
            key={props.keyOf(row)}
            theme={theme}
            width={width}
            segments={[mark, ...cells]}
            isSelected={isSelected}
          />
        );
      })}
      <Lines theme={theme} width={width} height={Math.max(0, height - Math.max(1, rows.length))} lines={below} />
    </Box>
  );
}
