import { readFile } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';

/** Of `--token-file`, else YUNQUE_TOKEN. Never an argument: those are seen by every user of the machine. */
export async function readToken(context: CliContext, file: string | undefined): Promise<string | undefined> {
  if (file === '-') return (await context.readStdin()).trim();
  if (file === undefined) return context.env['YUNQUE_TOKEN'] || undefined;
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`--token-file: cannot read ${file} (${error.code})`);
  });
  return text.trim();
}
