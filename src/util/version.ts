import { readFileSync } from 'node:fs';

// The build replaces these two names by strings. Run from source, they do not exist.
declare const YUNQUE_VERSION: string;
declare const YUNQUE_COMMIT: string;

/** The release this program is, such as `0.1.0`: written in by the build, else read from package.json. */
export function version(): string {
  if (typeof YUNQUE_VERSION === 'string') return YUNQUE_VERSION;
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}

/** The commit the binary was built from, with `-dirty` where files differed from it; `source` when run from source. */
export function commit(): string {
  return typeof YUNQUE_COMMIT === 'string' ? YUNQUE_COMMIT : 'source';
}
