import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chartSvg } from './chart.ts';
import { measuredText, ratioLegend, sidesText, spreadText, verdictText } from './figure-text.ts';
import { flameSvg } from './flame.ts';
import type { Measured } from './measured.ts';
import { hottest, type ProfileNode } from './profile.ts';
import type { Results, RowRecord } from './results.ts';

const docs = join(import.meta.dirname, '../../../docs');
export const pageFile = join(docs, 'performance.md');

/** What lies between its two marks in the page is written here; all else is written by hand and kept. */
const sections = {
  machine: machineSection,
  table: tableSection,
  remarks: remarksSection,
  profiles: profilesSection,
} as const;

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

/** The files beside the page: the chart, where batch sizes were measured, and a flame graph for each profile. */
export function renderPictures({ rows, machine }: Results): Map<string, string> {
  const pictures = new Map<string, string>();
  for (const { id, date, commit, points, profile } of rows) {
    if (points !== undefined && points.length > 0) {
      const caption = `Deliveries per second and latency by batch size: ${machine.cpu}, ${date}, ${commit}`;
      pictures.set(join(docs, 'performance.svg'), chartSvg(points, caption));
    }
    if (profile !== undefined) {
      pictures.set(join(docs, flameName(id)), flameSvg(profile, `${id}: where the time of the server goes`));
    }
  }
  return pictures;
}

function flameName(id: string): string {
  return `performance-${id.toLowerCase()}-flame.svg`;
}

export async function writeDocs(results: Results): Promise<void> {
  await writeFile(pageFile, renderPage(await readFile(pageFile, 'utf8'), results));
  for (const [file, text] of renderPictures(results)) await writeFile(file, text);
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
  return [...head, ...lines.map((line) => `| ${line} |`), '', ratioLegend].join('\n');
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

const hottestShown = 8;

function profilesSection({ rows }: Results): string {
  return rows.flatMap(({ id, profile }) => (profile === undefined ? [] : [profileText(id, profile)])).join('\n\n');
}

function profileText(id: string, profile: ProfileNode): string {
  const lines = hottest(profile, hottestShown).map(
    ({ name, place, self }) =>
      `| ${(self * 100).toFixed(1)} % | \`${name}\` | ${place === '' ? 'V8, Node or the kernel' : `\`${place}\``} |`,
  );
  return [
    `**${id}** ([flame graph](${flameName(id)}))`,
    '',
    '| itself | function | where |',
    '|---|---|---|',
    ...lines,
  ].join('\n');
}
