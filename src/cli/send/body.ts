import { readFile } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';

/** The text of a message as the operator gave it: itself, `-` standard input, `@file` a file, `@@…` a text that begins with `@`. */
export async function readBody(body: string, context: CliContext): Promise<string> {
  if (body === '-') return withoutLastLineEnd(await context.readStdin());
  if (body.startsWith('@@')) return body.slice(1);
  if (!body.startsWith('@')) return body;
  const file = body.slice(1);
  try {
    return withoutLastLineEnd(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Only a file that is not there may be a text that was meant for the receiver.
    if (code === 'ENOENT') throw new CliError(context.text.line.noFile(file), { hint: atHint });
    throw new CliError(`cannot send ${file}: ${error instanceof TypeError ? context.text.line.notUtf8 : message}`);
  }
}

const atHint = 'a text that begins with @ is written with @@';

/** An editor's last line end belongs to the file, not to the message. */
function withoutLastLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}
