import type { CellStyle, ScreenCell } from '../terminal-screen.ts';

export interface PictureOptions {
  readonly columns: number;
  readonly rows: number;
  /** In the bar above the screen. */
  readonly title: string;
}

/** Pixels of one cell, and of what is around them. */
const cell = { width: 8.4, height: 18, fontSize: 14 } as const;
const margin = 14;
const barHeight = 34;

const paper = '#16181d';
const ink = '#d5d9e0';
const edge = '#2b2f38';

/** The 16 colours of a terminal: black, red, green, yellow, blue, magenta, cyan, white, and the same brighter. */
const palette = [
  ...['#3b4048', '#f2777a', '#8fc28a', '#e6c06c', '#6fa8dc', '#c397d8', '#5ec4c8', '#d5d9e0'],
  ...['#5c6370', '#ff8f92', '#a8d8a2', '#f5d68a', '#8cc0f0', '#d6b0e8', '#7fdde0', '#ffffff'],
] as const;

/** A screen as an SVG: each run of characters of one style at its place in the grid, so that no font moves a column. */
export function drawScreen(lines: readonly (readonly ScreenCell[])[], options: PictureOptions): string {
  const width = Math.ceil(options.columns * cell.width + 2 * margin);
  const height = Math.ceil(options.rows * cell.height + barHeight + 2 * margin);
  const drawn = lines.slice(0, options.rows).flatMap((line, row) => drawLine(line, row));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(options.title)}</title>`,
    `<rect width="${width}" height="${height}" rx="10" fill="${paper}"/>`,
    `<path d="M0 ${barHeight}H${width}" stroke="${edge}"/>`,
    ...['#f2777a', '#e6c06c', '#8fc28a'].map(
      (colour, index) => `<circle cx="${20 + index * 20}" cy="${barHeight / 2}" r="6" fill="${colour}"/>`,
    ),
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Noto Sans Mono CJK SC',monospace" font-size="${cell.fontSize}" fill="${ink}">`,
    `<text x="${width / 2}" y="${barHeight / 2 + 5}" text-anchor="middle" fill="#8b919d" font-size="13">${escapeXml(options.title)}</text>`,
    ...drawn,
    '</g>',
    '</svg>',
  ].join('\n')}\n`;
}

interface Run {
  readonly column: number;
  readonly columns: number;
  readonly text: string;
  readonly style: CellStyle;
}

function drawLine(line: readonly ScreenCell[], row: number): readonly string[] {
  const top = barHeight + margin + row * cell.height;
  return runsOf(line).flatMap((run) => {
    const { foreground, background } = coloursOf(run.style);
    const x = round(margin + run.column * cell.width);
    const width = round(run.columns * cell.width);
    const isBlank = run.text.trim() === '';
    const shape = isShape(run.text) ? pathOf(run, top) : undefined;
    return [
      ...(background === undefined
        ? []
        : [`<rect x="${x}" y="${top}" width="${width}" height="${cell.height}" fill="${background}"/>`]),
      ...(shape === undefined ? [] : [`<path d="${shape}"${attributesOf(run.style, foreground)}/>`]),
      ...(isBlank || shape !== undefined ? [] : drawText(run, { x, top, width, foreground })),
    ];
  });
}

function drawText(
  { text, style }: Run,
  place: { readonly x: number; readonly top: number; readonly width: number; readonly foreground: string | undefined },
): readonly string[] {
  const attributes = [
    `x="${place.x}"`,
    `y="${place.top + 13}"`,
    `textLength="${place.width}"`,
    'lengthAdjust="spacingAndGlyphs"',
    'xml:space="preserve"',
  ];
  return [`<text ${attributes.join(' ')}${attributesOf(style, place.foreground)}>${escapeXml(text)}</text>`];
}

function attributesOf({ bold, dim }: CellStyle, foreground: string | undefined): string {
  const fill = foreground === undefined ? '' : ` fill="${foreground}"`;
  return `${fill}${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`;
}

const lower = '▁▂▃▄▅▆▇█';
const left = '▏▎▍▌▋▊▉█';

/** Block elements and rules are drawn: in fonts they leave gaps, and are of any height. */
function isShape(text: string): boolean {
  return text !== '' && [...text].every((character) => `${lower}${left}─`.includes(character));
}

function pathOf({ text, column }: Run, top: number): string {
  return [...text]
    .map((character, index) => {
      const x = round(margin + (column + index) * cell.width);
      if (character === '─') return `M${x} ${top + 9}h${cell.width}v1h-${cell.width}z`;
      const high = lower.includes(character) ? (lower.indexOf(character) + 1) / 8 : 1;
      const wide = left.includes(character) ? (left.indexOf(character) + 1) / 8 : 1;
      // Bars of rows below one another stay apart.
      const tall = round(high * (cell.height - 4));
      const width = round(wide * cell.width);
      return `M${x} ${round(top + cell.height - 2 - tall)}h${width}v${tall}h-${width}z`;
    })
    .join('');
}

function coloursOf({ foreground, background, inverse }: CellStyle): {
  readonly foreground: string | undefined;
  readonly background: string | undefined;
} {
  const front = foreground === undefined ? undefined : palette[foreground];
  const back = background === undefined ? undefined : palette[background];
  return inverse ? { foreground: back ?? paper, background: front ?? ink } : { foreground: front, background: back };
}

/** Neighbours of one style together; what is not ASCII stands alone, as fonts disagree on how wide it is. */
function runsOf(line: readonly ScreenCell[]): readonly Run[] {
  const runs: Run[] = [];
  for (const [column, { text, style }] of line.entries()) {
    const last = runs.at(-1);
    if (text === '' && last) {
      runs[runs.length - 1] = { ...last, columns: last.columns + 1 };
    } else if (last && isSameKind(last.text, text) && isSameStyle(last.style, style)) {
      runs[runs.length - 1] = { ...last, columns: last.columns + 1, text: last.text + text };
    } else runs.push({ column, columns: 1, text, style });
  }
  return runs.map(trimRun);
}

/** Spaces at the end of a run that has no background are left to the paper. */
function trimRun(run: Run): Run {
  if (run.style.inverse || run.style.background !== undefined) return run;
  const text = run.text.trimEnd();
  return text === '' ? run : { ...run, text, columns: run.columns - (run.text.length - text.length) };
}

function isSameKind(one: string, other: string): boolean {
  const isAscii = (text: string) => /^[ -~]+$/.test(text);
  return (isAscii(one) && isAscii(other)) || (isShape(one) && isShape(other));
}

function isSameStyle(one: CellStyle, other: CellStyle): boolean {
  return (
    one.foreground === other.foreground &&
    one.background === other.background &&
    !one.bold === !other.bold &&
    !one.dim === !other.dim &&
    !one.inverse === !other.inverse
  );
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}
