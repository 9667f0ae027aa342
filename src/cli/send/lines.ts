import { isUtf8 } from 'node:buffer';
import { createInterface } from 'node:readline';
import type { CliContext } from '../context.ts';

/** A line that is not UTF-8: what would be sent for it is not what was read. */
export const unreadable = Symbol('not UTF-8');
export type Unreadable = typeof unreadable;

/** Lines of standard input that are not empty. Read as Latin-1, so that their bytes are kept: no byte of UTF-8 beyond ASCII is a line end. */
export async function* readLines(context: CliContext): AsyncGenerator<string | Unreadable> {
  const input = context.stdin.setEncoding('latin1');
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const signal = context.interruptSignal();
  const onAbort = () => lines.close();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const line of lines) {
      const bytes = Buffer.from(line, 'latin1');
      if (line !== '') yield isUtf8(bytes) ? bytes.toString('utf8') : unreadable;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    lines.close();
  }
}
