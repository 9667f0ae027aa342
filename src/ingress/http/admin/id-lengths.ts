import { YunqueError } from '../../../api/errors.ts';
import type { Exclusion, Target } from '../../../api/target.ts';
import { isLongerThan } from '../json-fields.ts';
import type { HttpLimits } from '../options.ts';
import { english } from '../wording.ts';

/** JSON schema counts characters; the limit is in bytes. All throw `bad_request`. */
export function checkTarget(target: Target, limits: HttpLimits): void {
  for (const [name, value] of Object.entries(target)) checkIds(`target.${name}`, value, limits);
}

export function checkExclusion(exclude: Exclusion | undefined, limits: HttpLimits): void {
  for (const [name, value] of Object.entries(exclude ?? {})) checkIds(`exclude.${name}`, value, limits);
}

export function checkIds(field: string, ids: string | readonly string[] | undefined, { idBytes }: HttpLimits): void {
  for (const id of [ids ?? []].flat()) {
    if (isLongerThan(id, idBytes)) throw new YunqueError('bad_request', english.tooLong(field, idBytes), { field });
  }
}
