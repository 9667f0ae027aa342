import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chartSvg } from './chart.ts';
import { measuredText, sidesText, spreadText, verdictText } from './figure-text.ts';
import type { Measured } from './measured.ts';
import type { Results, RowRecord } from './results.ts';

const docs = join(import.meta.dirname, '../../../docs');
export const pageFile = join(docs, 'performance.md');
export const chartFile = join(docs, 'performance.svg');

/** What lies between its two marks in the page is written here; all else is written by hand and kept. */
const sections = { machine: machineSection, table: tableSection, remarks: remarksSection } as const;

/** The page with its generated sections made again. Throws where a mark is missing. */
export function renderPage(page: string, results: Results): string {
  let rendered = page;
  for (const [name, section] of Object.entries(sections)) {
    const begin = `<!-- generated: ${name} -->`;
    const end = `<!-- end: ${name} -->`;
    const from = rendered.indexOf(begin);
    const to = rendered.indexOf(end);
    if (from < 0 || to < from) throw new Error(`docs/performance.md has no ${begin} … ${end}`);
    rendered = `${rendered.slice(0, from + begin.length)}\n${section(results)}\n${rendered.slice(to)}`;
  }
  return rendered;
}

/** Undefined where no batch sizes were measured. */
export function renderChart({ rows, machine }: Results): string | undefined {
  const row = rows.find(({ points }) => points !== undefined && points.length > 0);
  if (row?.points === undefined) return undefined;
  return chartSvg(
    row.points,
    `Deliveries per second and latency by batch size: ${machine.cpu}, ${row.date}, ${row.commit}`,
  );
}

export async function writeDocs(results: Results): Promise<void> {
  await writeFile(pageFile, renderPage(await readFile(pageFile, 'utf8'), results));
  const chart = renderChart(results);
  if (chart !== undefined) await writeFile(chartFile, chart);
}

function machineSection({ machine, rows }: Results): string {
  const lines = [
    ['processor', `${machine.cpu}, ${machine.cores} cores`],
    ['memory', `${machine.memoryGiB} GiB`],
    ['system', machine.kernel],
    ['Node', machine.node],
    ['measured', occasionsOf(rows).join('; ')],
    ['pinning', [...new Set(rows.map(({ pinning }) => pinning))].join('; ')],
  ];
  return ['| | |', '|---|---|', ...lines.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}

/** Rows of one date and commit, and what they were measured with, in a phrase. */
function occasionsOf(rows: readonly RowRecord[]): string[] {
  const groups = Map.groupBy(rows, ({ date, commit, pairs }) => `${date}, commit ${commit}, ${pairs} pairs`);
  if (groups.size === 1) return [...groups.keys()];
  return [...groups].map(([occasion, group]) => `${group.map(({ id }) => id).join(', ')}: ${occasion}`);
}

function tableSection({ rows }: Results): string {
  const lines = rows.flatMap(({ id, scenario, judged, failure }) =>
    judged.map(({ what, limit, measured, met }, at) =>
      [
        at === 0 ? `**${id}**` : '',
        at === 0 ? scenario : '',
        what,
        limit,
        failure === undefined ? measuredText(measured) : 'failed',
        spreadText(measured),
        met ? verdictText(met) : `**${verdictText(met)}**`,
        sidesText(measured?.sides),
      ].join(' | '),
    ),
  );
  const head = [
    '| row | scenario | what | target | figure | spread | | made of |',
    '|---|---|---|---|---|---|---|---|',
  ];
  return [...head, ...lines.map((line) => `| ${line} |`)].join('\n');
}

function remarksSection({ rows }: Results): string {
  const lines = rows.flatMap(({ id, failure, notes, further }) => [
    ...(failure === undefined ? [] : [`- ${id} **failed**: ${failure}`]),
    ...further.map(({ what, measured }) => `- ${id}, ${what}: ${furtherText(measured)}`),
    ...notes.map((note) => `- ${id}: ${note}`),
  ]);
  return lines.length === 0 ? '' : lines.join('\n');
}

/** `2.1× (1.9–2.4), yunque 80 µs, bare ws 38 µs` */
function furtherText(measured: Measured): string {
  const spread = measured.spread === undefined ? '' : ` (${spreadText(measured)})`;
  const sides = (measured.sides?.length ?? 0) > 1 ? `, ${sidesText(measured.sides)}` : '';
  return `${measuredText(measured)}${spread}${sides}`;
}
