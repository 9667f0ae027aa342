import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { configTemplate } from './config-template.ts';
import type { Language } from './spelling.ts';

export type TemplateWritten =
  | { readonly outcome: 'written' | 'exists' }
  /** By the system; `reason` is its own word for it. */
  | { readonly outcome: 'refused'; readonly reason: string };

/** Writes the file that shows every setting, with its folder. A file that is there already is left as it is. */
export function writeTemplate(options: {
  readonly file: string;
  readonly cwd: string;
  readonly language: Language;
}): TemplateWritten {
  const path = resolve(options.cwd, options.file);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, configTemplate(options.language), { flag: 'wx', mode: 0o640 });
    return { outcome: 'written' };
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && syscall === 'open') return { outcome: 'exists' };
    return { outcome: 'refused', reason: message };
  }
}
