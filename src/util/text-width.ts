import stringWidth from 'string-width';
import { isPrintableAscii } from './control-characters.ts';

/** ASCII, and what a dashboard draws with: a column each, and no grapheme of several. */
const narrow = /^[\x20-\x7e·×‹›…←↑→↓─-▟■▲▼○●]*$/;

/** Columns of a terminal that `text` takes: 2 for a CJK character. */
export function widthOf(text: string): number {
  return narrow.test(text) ? text.length : stringWidth(text);
}

/** Exactly `width` columns: cut with `…` between graphemes, or filled up with spaces on the side away from `align`. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left', ellipsis = '…'): string {
  if (width <= 0) return '';
  const cut = cutTo(text, width, ellipsis);
  const space = ' '.repeat(Math.max(0, width - widthOf(cut)));
  return align === 'left' ? cut + space : space + cut;
}

/** At most `width` columns, whole graphemes only. */
export function cutTo(text: string, width: number, ellipsis = '…'): string {
  if (widthOf(text) <= width) return text;
  const room = width - widthOf(ellipsis);
  if (room < 0) return '';
  if (isPrintableAscii(text)) return text.slice(0, room) + ellipsis;
  let out = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    used += widthOf(segment);
    if (used > room) break;
    out += segment;
  }
  return out + ellipsis;
}
