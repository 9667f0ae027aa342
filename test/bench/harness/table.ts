import { styleText } from 'node:util';
import { measuredText, ratioLegend, sidesText, spreadText, verdictText } from './figure-text.ts';
import type { RowRecord } from './results.ts';

const columns = ['row', 'what', 'target', 'figure', 'spread', '', 'made of'] as const;

/** The table on the terminal: a line for each target, then what went wrong and what has to be known. */
export function tableText(rows: readonly RowRecord[], { color = false } = {}): string {
  const lines: string[][] = [[...columns]];
  for (const { id, judged, further } of rows) {
    for (const { what, limit, measured, met } of judged) {
      lines.push([
        id,
        what,
        limit,
        measuredText(measured),
        spreadText(measured),
        verdictText(met),
        sidesText(measured?.sides),
      ]);
    }
    for (const { what, measured } of further) {
      lines.push([id, what, '', measuredText(measured), spreadText(measured), '', sidesText(measured.sides)]);
    }
  }
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const table = lines.map((line) =>
    line
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...table.map((line) => paint(line, color)), ratioLegend, ...remarks(rows)].join('\n');
}

function paint(line: string, color: boolean): string {
  if (!color) return line;
  return line.replace(
    / (met|MISSED)(?= |$)/,
    (_, word: string) => ` ${styleText(word === 'met' ? 'green' : 'red', word, { validateStream: false })}`,
  );
}

function remarks(rows: readonly RowRecord[]): string[] {
  return rows.flatMap(({ id, failure, notes }) => [
    ...(failure === undefined ? [] : [`${id} FAILED: ${failure}`]),
    ...notes.map((note) => `${id}: ${note}`),
  ]);
}
