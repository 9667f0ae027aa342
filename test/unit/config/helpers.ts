import { ConfigError } from '../../../src/config/config-error.ts';
import { type LoadOptions, loadConfig } from '../../../src/config/load-config.ts';
import type { ReadFile } from '../../../src/config/read-file.ts';

/** Files that exist only here. Relative names are in `/srv/yunque`, where `load` stands. */
export function filesOf(
  files: Readonly<Record<string, string>>,
  options: { readableByOthers?: boolean } = {},
): ReadFile {
  const texts = new Map(
    Object.entries(files).map(([name, text]) => [name.startsWith('/') ? name : `/srv/yunque/${name}`, text]),
  );
  return (path) => {
    const text = texts.get(path);
    if (text === undefined) return { outcome: 'absent' };
    return { outcome: 'read', text, readableByOthers: options.readableByOthers ?? false };
  };
}

export function load(files: Readonly<Record<string, string>>, more: Partial<LoadOptions> = {}) {
  return loadConfig({ env: {}, cwd: '/srv/yunque', readFile: filesOf(files), ...more });
}

/** The lines of the `ConfigError` that loading ends with. */
export function problemsOf(
  files: Readonly<Record<string, string>>,
  more: Partial<LoadOptions> = {},
): readonly string[] {
  return errorOf(() => load(files, more)).problems.map(({ text }) => text);
}

export function errorOf(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
