import { basename, dirname, extname, join } from 'node:path';
import type { Problem } from './config-error.ts';
import type { Layer } from './given.ts';
import type { ReadFile } from './read-file.ts';

/** Where a configuration is looked for when nobody names one; the first that exists is used. */
export const searchPaths = ['configs/config.yaml', 'configs/config.ini', '/etc/yunque/config.yaml'] as const;

export interface FoundFile {
  /** As named or searched. */
  readonly name: string;
  readonly text: string;
  readonly layer: Extract<Layer, 'file' | 'overlay'>;
  readonly readableByOthers: boolean;
}

export interface FilesWanted {
  /** A file the operator named, and how: `--config`. */
  readonly named?: { readonly path: string; readonly by: string } | undefined;
  /** The overlay the operator named, and how: `--env`. */
  readonly env?: { readonly value: string; readonly by: string } | undefined;
}

export interface FilesFound {
  readonly file?: FoundFile;
  readonly overlay?: FoundFile;
  readonly problems: readonly Problem[];
}

/** Finds the configuration file and its overlay. A file that is named must exist; one that is searched need not. */
export function findFiles({ named, env }: FilesWanted, readFile: ReadFile): FilesFound {
  const problems: Problem[] = [];
  const open = (name: string, layer: FoundFile['layer'], by?: string): FoundFile | undefined => {
    const content = readFile(name);
    if (content.outcome === 'read')
      return { name, layer, text: content.text, readableByOthers: content.readableByOthers };
    if (content.outcome === 'unreadable') problems.push({ text: `${name}: ${content.reason}`, file: name });
    else if (by !== undefined) problems.push({ text: `${name}: no such file (named by ${by})`, file: name });
    return undefined;
  };

  let file: FoundFile | undefined;
  for (const name of named === undefined ? searchPaths : [named.path]) {
    file = open(name, 'file', named?.by);
    if (file !== undefined || problems.length > 0) break;
  }
  if (env === undefined) return { ...(file && { file }), problems };
  if (!/^[\w.-]+$/.test(env.value) || env.value.startsWith('.')) {
    const text = `${env.by}: expected a name of letters, digits, "-", "_" and ".", found ${JSON.stringify(env.value)}`;
    return { ...(file && { file }), problems: [...problems, { text }] };
  }
  const overlay = open(
    overlayName(file?.name ?? named?.path ?? searchPaths[0], env.value),
    'overlay',
    `${env.by} ${env.value}`,
  );
  return { ...(file && { file }), ...(overlay && { overlay }), problems };
}

/** `configs/config.yaml` and `dev` → `configs/config-dev.yaml`. An INI file has a YAML overlay too. */
function overlayName(file: string, env: string): string {
  const extension = extname(file);
  const overlayExtension = isIni(file) || extension === '' ? '.yaml' : extension;
  return join(dirname(file), `${basename(file, extension)}-${env}${overlayExtension}`);
}

export function isIni(file: string): boolean {
  return extname(file).toLowerCase() === '.ini';
}
