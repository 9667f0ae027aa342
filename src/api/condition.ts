import { YunqueError } from './errors.ts';
import type { Condition } from './listing.ts';

const form = /^([A-Za-z][A-Za-z0-9]*)(!=|=|~|>|<)(.*)$/s;

/** Reads one `where`: `uid=alice`, `uid!=alice`, `remoteAddress~10.0.`, `queueBytes>1000`. Throws `bad_request`. */
export function parseCondition(text: string): Condition {
  const [, field, op, value] = form.exec(text) ?? [];
  if (field === undefined || value === undefined) {
    throw new YunqueError('bad_request', `"${text}" is not a condition`, {
      field: 'where',
      hint: 'write field=value, field!=value, field~part, field>number or field<number',
    });
  }
  return { field, op: op as Condition['op'], value };
}

export function formatCondition(condition: Condition): string {
  return `${condition.field}${condition.op}${condition.value}`;
}
