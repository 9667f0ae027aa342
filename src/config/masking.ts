import { isDeepStrictEqual } from 'node:util';
import type { Setting } from './settings/setting.ts';
import { masked } from './spelling.ts';

/** What may be shown of a setting's value, which is in the spelling of a file. */
export function maskSecrets({ secret, kind }: Setting, written: unknown): unknown {
  if (secret === true) return masked;
  return kind.mask === undefined ? written : kind.mask(written);
}

/** Whether a value, as a file or a text gives it, is a secret or has one in it. */
export function holdsSecret(setting: Setting, raw: unknown): boolean {
  return !isDeepStrictEqual(maskSecrets(setting, raw), raw);
}
