import type { Measured, Side } from './measured.ts';

/** Under a table: why a ratio is not that of the two sides beside it. */
export const ratioLegend =
  'A ratio (×) of two sides is the median of the ratios of the pairs; beside it stand the medians of each side, which may be of different pairs and need not make the same ratio.';

/** Three figures that count; thousands apart where there are any. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1000)
    return Math.round(Number(value.toPrecision(3)))
      .toLocaleString('en')
      .replaceAll(',', ' ');
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 0.1 || size === 0 ? value.toFixed(2) : value.toPrecision(2);
}

export function valueText(value: number, unit: string): string {
  return unit === '×' || unit === '%' ? `${numberText(value)}${unit}` : `${numberText(value)} ${unit}`;
}

/** `yunque 4.91 µs, naive ws 5.27 µs` */
export function sidesText(sides: readonly Side[] = []): string {
  return sides.map(({ name, value, unit }) => `${name} ${valueText(value, unit)}`).join(', ');
}

/** Empty where nothing was measured. */
export function measuredText(measured: Measured | undefined): string {
  return measured === undefined ? '' : valueText(measured.value, measured.unit);
}

export function spreadText(measured: Measured | undefined): string {
  if (measured?.spread === undefined) return '';
  return measured.spread.map(numberText).join('–');
}

export function verdictText(met: boolean): string {
  return met ? 'met' : 'MISSED';
}
