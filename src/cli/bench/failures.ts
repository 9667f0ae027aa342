import type { Dialect } from '../../api/dialect.ts';
import { frameMark } from '../../load/receiver-client.ts';
import { sanitizeLine } from '../../util/control-characters.ts';
import { clientDialect } from '../connect/dialects.ts';

/** Reasons of clients that could not connect, in words: frames are decoded, and those that say the same are counted together. */
export function readableFailures(failures: ReadonlyMap<string, number>, dialect: Dialect): ReadonlyMap<string, number> {
  const readable = new Map<string, number>();
  for (const [reason, count] of failures) {
    const text = sanitizeLine(
      reason.startsWith(frameMark) ? frameText(reason.slice(frameMark.length), dialect) : reason,
    );
    readable.set(text, (readable.get(text) ?? 0) + count);
  }
  return readable;
}

function frameText(hex: string, dialect: Dialect): string {
  const payload = Buffer.from(hex, 'hex');
  try {
    const { type, key, code, message, json } = clientDialect(dialect).decode(payload);
    return type === 'reply' ? `${key} ${code} ${message}`.trim() : json;
  } catch {
    // Not of the dialect, or cut.
    return payload.toString();
  }
}
