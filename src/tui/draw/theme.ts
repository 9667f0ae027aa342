import type { Health } from '../../api/stats.ts';
import { barLevels } from './bar.ts';
import { sparkLevels } from './sparkline.ts';

/** What a piece of text means. Every meaning is readable without colour: a word or a symbol goes with it. */
export type Tone = 'plain' | 'title' | 'accent' | 'muted' | 'ok' | 'warn' | 'bad' | 'selected';

/** The subset of Ink's `Text` properties a tone may set. Only the 16 colours every terminal has. */
export interface Style {
  readonly color?: string;
  readonly bold?: boolean;
  readonly dimColor?: boolean;
  readonly inverse?: boolean;
}

export interface Glyphs {
  readonly ok: string;
  readonly degraded: string;
  readonly critical: string;
  /** Not at work yet, or only in reserve. */
  readonly idle: string;
  readonly gone: string;
  readonly draining: string;
  readonly in: string;
  readonly out: string;
  readonly ascending: string;
  readonly descending: string;
  readonly selected: string;
  readonly rule: string;
  readonly ellipsis: string;
  readonly spark: string;
  /** What is left of a bar that is not full. */
  readonly trough: string;
  readonly bar: string;
}

export interface Theme {
  readonly styles: Readonly<Record<Tone, Style>>;
  readonly glyphs: Glyphs;
}

const coloured: Readonly<Record<Tone, Style>> = {
  plain: {},
  title: { bold: true },
  accent: { color: 'cyan' },
  muted: { dimColor: true },
  ok: { color: 'green' },
  warn: { color: 'yellow' },
  bad: { color: 'red', bold: true },
  selected: { color: 'cyan', inverse: true },
};

const colourless: Readonly<Record<Tone, Style>> = {
  plain: {},
  title: { bold: true },
  accent: {},
  muted: {},
  ok: {},
  warn: { bold: true },
  bad: { bold: true },
  selected: { inverse: true },
};

const unicode: Glyphs = {
  ok: '●',
  degraded: '▲',
  critical: '■',
  idle: '○',
  gone: '×',
  draining: '▼',
  in: '←',
  out: '→',
  ascending: '↑',
  descending: '↓',
  selected: '›',
  rule: '─',
  ellipsis: '…',
  spark: sparkLevels.unicode,
  trough: '·',
  bar: barLevels.unicode,
};

const ascii: Glyphs = {
  ok: '+',
  degraded: '!',
  critical: 'X',
  idle: 'o',
  gone: 'x',
  draining: 'v',
  in: '<',
  out: '>',
  ascending: '^',
  descending: 'v',
  selected: '>',
  rule: '-',
  ellipsis: '~',
  spark: sparkLevels.ascii,
  trough: '.',
  bar: barLevels.ascii,
};

/** For text that is no screen: words alone. */
export const plainGlyphs: Glyphs = {
  ...ascii,
  ...{
    ok: '',
    degraded: '',
    critical: '',
    idle: '',
    gone: '',
    draining: '',
    in: '',
    out: '',
    spark: '',
    trough: '',
    bar: '',
  },
};

export function createTheme(options: { readonly color: boolean; readonly unicode: boolean }): Theme {
  return { styles: options.color ? coloured : colourless, glyphs: options.unicode ? unicode : ascii };
}

/**
 * Whether the terminal shows more than ASCII: not the Linux console, not where the locale was set to something else than
 * UTF-8. An unset locale (containers) says nothing about the terminal and counts as yes.
 */
export function hasUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['TERM'] === 'linux' || env['TERM'] === 'dumb') return false;
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return !locale || /utf-?8/i.test(locale);
}

/** https://no-color.org: set and not empty means no colour. */
export function hasColor(env: Readonly<Record<string, string | undefined>>): boolean {
  return !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

export const verdictLooks = {
  ok: { tone: 'ok', word: 'OK', glyph: 'ok' },
  degraded: { tone: 'warn', word: 'DEGRADED', glyph: 'degraded' },
  critical: { tone: 'bad', word: 'CRITICAL', glyph: 'critical' },
} as const satisfies Record<Health['verdict'], { tone: Tone; word: string; glyph: keyof Glyphs }>;
