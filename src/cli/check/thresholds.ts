import { type Assertion, type FigureUnit, holds, parseConditions } from '../../load/assertions.ts';
import type { Figures, Problem } from './outcome.ts';

/** The figures of a check that a threshold may name. Times in ms; `heap` in percent; `drops` a second. */
export const figureUnits = {
  probe: 'ms',
  connect: 'ms',
  lag: 'ms',
  connections: 'count',
  nodes: 'count',
  missing: 'count',
  drops: 'count',
  slow: 'count',
  heap: 'percent',
} as const satisfies Readonly<Record<string, FigureUnit>>;
export type FigureName = keyof typeof figureUnits;

export type Threshold = Assertion<FigureName>;

export interface Thresholds {
  readonly warn: readonly Threshold[];
  readonly critical: readonly Threshold[];
}

/** What must hold where nothing else is said of a figure. */
export const usualThresholds = {
  warn: 'probe<250ms,lag<100ms,heap<85%',
  critical: 'probe<2s,lag<1s,heap<95%',
} as const;

/** `probe<50ms,connections>100`: what must hold. Throws SyntaxError. */
export function parseThresholds(text: string): readonly Threshold[] {
  return parseConditions(text, figureUnits);
}

/** Those given, and of the figures that they do not name the usual ones, as far as they are measured. */
export function withUsual(given: Partial<Thresholds>, isProbed: boolean): Thresholds {
  const merged = (level: keyof Thresholds) => {
    const own = given[level] ?? [];
    const usual = parseThresholds(usualThresholds[level]).filter(
      ({ name }) => (isProbed || name !== 'probe') && own.every((each) => each.name !== name),
    );
    return [...own, ...usual];
  };
  return { warn: merged('warn'), critical: merged('critical') };
}

/** What does not hold, each figure at its worst level. A figure that could not be measured meets nothing that is said of it, and is unknown. */
export function judge(thresholds: Thresholds, figures: Figures): readonly Problem[] {
  const problems = new Map<string, Problem>();
  for (const [level, list] of [
    ['critical', thresholds.critical],
    ['warning', thresholds.warn],
  ] as const) {
    for (const threshold of list) {
      const { name, text } = threshold;
      const actual = figures[name];
      if (problems.has(name) || (actual !== undefined && holds(threshold, actual))) continue;
      const isKnown = actual !== undefined;
      problems.set(name, {
        level: isKnown ? level : 'unknown',
        text: isKnown ? `${name} is ${actual}${symbols[figureUnits[name]]}, not ${text}` : `${name} was not measured`,
      });
    }
  }
  return [...problems.values()];
}

export const symbols: Readonly<Record<FigureUnit, string>> = { ms: 'ms', count: '', share: '', percent: '%' };
