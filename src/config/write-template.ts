import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { configTemplate } from './config-template.ts';
import type { Language } from './spelling.ts';

/** Writes the file that shows every setting, with its folder. Answers false, and writes nothing, where a file is already. */
export function writeTemplate(options: {
  readonly file: string;
  readonly cwd: string;
  readonly language: Language;
}): boolean {
  const path = resolve(options.cwd, options.file);
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, configTemplate(options.language), { flag: 'wx', mode: 0o640 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
