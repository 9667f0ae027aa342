import type { BatchPoint } from './row.ts';
import { escapeText } from './svg-text.ts';

/** Two panels over the same batch sizes, both axes logarithmic; colours follow the reader's scheme. */
export function chartSvg(points: readonly BatchPoint[], caption: string): string {
  const servers = [...new Set(points.map(({ server }) => server))];
  const sizes = [...new Set(points.map(({ size }) => size))].sort((a, b) => a - b);
  const rate = panel(points, {
    top: 64,
    title: 'Deliveries per second of one core',
    sizes,
    servers,
    lines: [{ value: (point) => point.deliveriesPerSecond, dashed: false }],
    label: rateLabel,
  });
  const latency = panel(points, {
    top: 392,
    title: 'Milliseconds from burst to client: solid p50, dashed p99',
    sizes,
    servers,
    lines: [
      { value: (point) => point.p50Ms, dashed: false },
      { value: (point) => point.p99Ms, dashed: true },
    ],
    label: (value) => String(value),
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${escapeText(caption)}</title>
<style>
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 14px; }
  .ground { fill: #ffffff; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
  .dashed { stroke-dasharray: 6 5; stroke-width: 1.8; }
${servers.map((_, at) => `  .s${at} { stroke: ${palette[at]?.light}; } .f${at} { fill: ${palette[at]?.light}; }`).join('\n')}
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .ground { fill: #0d1117; }
    .grid { stroke: #30363d; }
${servers.map((_, at) => `    .s${at} { stroke: ${palette[at]?.dark}; } .f${at} { fill: ${palette[at]?.dark}; }`).join('\n')}
  }
</style>
<rect class="ground" width="${width}" height="${height}" rx="6"/>
${legend(servers)}
${rate}
${latency}
<text x="${left + plotWidth / 2}" y="${height - 14}" text-anchor="middle">messages in one burst, 1000 clients each</text>
</svg>
`;
}

const width = 760;
const height = 728;
const left = 76;
const plotWidth = width - left - 28;
const plotHeight = 252;
const palette = [
  { light: '#0969da', dark: '#58a6ff' },
  { light: '#bc4c00', dark: '#f0883e' },
  { light: '#57606a', dark: '#8b949e' },
];

interface Panel {
  readonly top: number;
  readonly title: string;
  readonly sizes: readonly number[];
  readonly servers: readonly string[];
  readonly lines: readonly { readonly value: (point: BatchPoint) => number; readonly dashed: boolean }[];
  readonly label: (value: number) => string;
}

function panel(points: readonly BatchPoint[], { top, title, sizes, servers, lines, label }: Panel): string {
  const values = points.flatMap((point) => lines.map(({ value }) => value(point))).filter((value) => value > 0);
  const lowest = Math.floor(Math.log10(Math.min(...values)));
  const highest = Math.max(lowest + 1, Math.ceil(Math.log10(Math.max(...values))));
  const x = (size: number) => left + position(sizes, size) * plotWidth;
  const y = (value: number) => top + plotHeight * (1 - (Math.log10(value) - lowest) / (highest - lowest));
  const powers = Array.from({ length: highest - lowest + 1 }, (_, at) => 10 ** (lowest + at));
  const parts = [
    `<text class="title" x="${left}" y="${top - 12}">${escapeText(title)}</text>`,
    ...powers.map(
      (power) =>
        `<line class="grid" x1="${left}" x2="${left + plotWidth}" y1="${round(y(power))}" y2="${round(y(power))}"/>` +
        `<text x="${left - 8}" y="${round(y(power) + 4)}" text-anchor="end">${label(power)}</text>`,
    ),
    ...sizes.map(
      (size) => `<text x="${round(x(size))}" y="${top + plotHeight + 20}" text-anchor="middle">${size}</text>`,
    ),
  ];
  for (const [at, server] of servers.entries()) {
    const own = points.filter((point) => point.server === server).sort((a, b) => a.size - b.size);
    for (const { value, dashed } of lines) {
      const corners = own.map((point) => `${round(x(point.size))},${round(y(value(point)))}`);
      parts.push(`<polyline class="line s${at}${dashed ? ' dashed' : ''}" points="${corners.join(' ')}"/>`);
      if (dashed) continue;
      parts.push(
        ...corners.map(
          (corner) => `<circle class="f${at}" cx="${corner.split(',')[0]}" cy="${corner.split(',')[1]}" r="3.5"/>`,
        ),
      );
    }
  }
  return parts.join('\n');
}

/** 0 to 1, logarithmic. */
function position(sizes: readonly number[], size: number): number {
  const [first = 1] = sizes;
  const last = sizes.at(-1) ?? 1;
  return last === first ? 0.5 : Math.log(size / first) / Math.log(last / first);
}

function legend(servers: readonly string[]): string {
  return servers
    .map((server, at) => {
      const x = left + at * 180;
      return `<rect class="f${at}" x="${x}" y="16" width="18" height="6" rx="3"/><text x="${x + 26}" y="24">${escapeText(server)}</text>`;
    })
    .join('\n');
}

function rateLabel(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1000 ? `${value / 1000} k` : String(value);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
