import { stat } from 'node:fs/promises';
import type { CliContext } from './context.ts';

/** A note where everybody on this machine may read a file with a secret. Never rejects. */
export async function warnOfReadable(context: CliContext, file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const mode = await stat(file).then(
    (found) => found.mode,
    () => 0,
  );
  if ((mode & 0o004) !== 0) context.note(context.text.line.warning(context.text.line.readableByOthers(file)));
}
