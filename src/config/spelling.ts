import { stringify } from 'yaml';

export type Language = 'en' | 'zh';

/** What stands in the place of a secret wherever it could be shown. As a key it is refused, so it cannot be mistaken for one. */
export const masked = '********';

/** A value on one line, as it may stand behind `key:` in a YAML file. */
export function spell(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd();
}
