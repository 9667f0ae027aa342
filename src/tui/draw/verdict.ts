import { sanitizeLine } from '../../util/control-characters.ts';
import { formatAge } from '../../util/figures.ts';
import type { Snapshot } from '../feed/snapshot.ts';
import { type Glyphs, type Tone, verdictLooks } from './theme.ts';

export interface Verdict {
  readonly word: string;
  readonly tone: Tone;
  readonly glyph: keyof Glyphs;
  /** One line, safe to print; empty when all is well. */
  readonly reason: string;
}

/** The server's own judgement; while it does not answer, that is the news instead. */
export function verdictOf(snapshot: Snapshot): Verdict {
  const { link, stats } = snapshot;
  if (link.state === 'failing') {
    // A narrow terminal cuts the end: first that the figures are of the past, then why.
    const age = stats ? `figures ${formatAge(snapshot.ageMs / 1000)} old; ` : '';
    const reason = `${age}${sanitizeLine(link.error.message)}, attempt ${link.attempts}`;
    return { word: 'RECONNECTING', tone: 'bad', glyph: 'critical', reason };
  }
  if (!stats) return { word: 'CONNECTING', tone: 'muted', glyph: 'degraded', reason: '' };
  return { ...verdictLooks[stats.health.verdict], reason: sanitizeLine(stats.health.reasons.join('; ')) };
}
