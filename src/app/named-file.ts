import { resolve } from 'node:path';
import { readSecret } from '../access/tokens/jwt-source.ts';
import { exitCodes } from '../api/errors.ts';
import { readableByOthers } from '../config/environment.ts';
import { isPublished } from '../config/published-keys.ts';
import { readFileFromDisk } from '../config/read-file.ts';
import { type SettingPlace, StartError } from '../util/start-error.ts';

/** A file that a setting names. */
export interface NamedFile {
  readonly path: string;
  readonly at: SettingPlace;
  /** About files with a secret that others can read. */
  readonly warn: (line: string) => void;
}

/** Its text without the line break at its end. Throws `StartError` (78), as all of these do. */
export function readNamedFile(file: NamedFile, onReadable: () => void = () => {}): string {
  const content = readFileFromDisk(resolve(file.path));
  if (content.outcome !== 'read') throw wrongFile(file, content.outcome === 'absent' ? 'no such file' : content.reason);
  if (content.readableByOthers) onReadable();
  return content.text.replace(/\r?\n$/, '');
}

function readNamedSecret(file: NamedFile): string {
  return readNamedFile(file, () => file.warn(readableByOthers(file.path)));
}

export function parsedFile<T>(file: NamedFile, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw wrongFile(file, (error as Error).message);
  }
}

/** What a file has in it, which `flawOf` completes "found …" about. */
export function readNamedUrl(
  file: NamedFile,
  { example, flawOf }: { readonly example: string; readonly flawOf: (url: string) => string | undefined },
): string {
  const url = readNamedSecret(file);
  const flaw = flawOf(url);
  if (flaw !== undefined) throw wrongFile(file, `expected a URL such as ${example}, found ${flaw}`);
  return url;
}

/** A secret of HMAC-SHA256, long enough and not published. */
export function readHmacSecret(file: NamedFile): string {
  const text = readNamedSecret(file);
  parsedFile(file, () => readSecret(text));
  if (isPublished(text)) {
    throw wrongFile(
      file,
      'this secret is published, so everybody knows it; `openssl rand -base64 32` makes a good one',
    );
  }
  return text;
}

function wrongFile({ path, at }: NamedFile, message: string): StartError {
  return new StartError(`${path}: ${message}`, { at, exitCode: exitCodes.badConfig });
}
