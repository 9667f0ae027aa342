import { readFile } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { warnOfReadable } from '../readable-by-others.ts';

/** The text of a file, or with `-` of standard input, without the line break at its end. `what` names the option for people. */
export async function readSecretInput(context: CliContext, file: string, what: string): Promise<string> {
  const text = file === '-' ? await context.readStdin() : await readSecretFile(context, file, what);
  return text.replace(/\r?\n$/, '');
}

async function readSecretFile(context: CliContext, file: string, what: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    await warnOfReadable(context, file);
    return text;
  } catch (error) {
    throw new CliError(`${what}: cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}
