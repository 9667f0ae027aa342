import { skipValue, walkArray } from '../../src/util/raw-json.ts';

/** The raw text of each element of a JSON array, whitespace around it removed. Throws as `walkArray`. */
export function splitArray(text: string, maxDepth = 32): string[] {
  const elements: string[] = [];
  walkArray(text, maxDepth, (at, levels) => {
    const end = skipValue(text, at, levels);
    elements.push(text.slice(at, end));
    return end;
  });
  return elements;
}
