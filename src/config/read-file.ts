import { readFileSync, statSync } from 'node:fs';

export type FileContent =
  | { readonly outcome: 'read'; readonly text: string; readonly readableByOthers: boolean }
  | { readonly outcome: 'absent' }
  /** `reason`: for people, without the path. */
  | { readonly outcome: 'unreadable'; readonly reason: string };

/** Reads one whole file in UTF-8. Never throws. */
export type ReadFile = (path: string) => FileContent;

export const readFileFromDisk: ReadFile = (path) => {
  try {
    const text = readFileSync(path, 'utf8');
    const readableByOthers = process.platform !== 'win32' && (statSync(path).mode & 0o004) !== 0;
    return { outcome: 'read', text, readableByOthers };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return { outcome: 'absent' };
    return { outcome: 'unreadable', reason: reasons.get(code) ?? `cannot be read (${code})` };
  }
};

const reasons: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'cannot be read: permission denied for this user'],
  ['EPERM', 'cannot be read: permission denied for this user'],
  ['EISDIR', 'is a directory, not a file'],
]);
