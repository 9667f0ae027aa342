import { parseCondition } from '../../api/condition.ts';
import type { Condition, ListQuery } from '../../api/listing.ts';

/**
 * What was typed, as a query: words like `uid=alice`, `dialect!=cim`, `remoteAddress~10.0.`, `queueBytes>0` become
 * conditions on `fields`, the rest is searched for in all text fields. A field nobody has goes to the server, which says what fields
 * there are. Never throws: half a condition is still only text.
 */
export function parseFilter(text: string, fields: readonly string[]): Pick<ListQuery, 'where' | 'search'> {
  const where: Condition[] = [];
  const words: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const condition = conditionOf(word, fields);
    if (condition) where.push(condition);
    else words.push(word);
  }
  return { ...(where.length > 0 && { where }), ...(words.length > 0 && { search: words.join(' ') }) };
}

function conditionOf(word: string, fields: readonly string[]): Condition | undefined {
  if (!/^[A-Za-z][A-Za-z0-9]*(?:!=|=|~|>|<)./.test(word)) return undefined;
  const condition = parseCondition(word);
  const field = fields.find((known) => known.toLowerCase() === condition.field.toLowerCase());
  return { ...condition, field: field ?? condition.field };
}
