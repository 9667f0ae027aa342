import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';

const read = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

/** What the tables' first columns name, and the examples; the words around them differ. */
function factsOf(page: string) {
  const cells = [...page.matchAll(/^\| (`[^|]*)\|/gm)].map(([, cell = '']) => cell.match(/`[^`]+`/g)?.filter(isPath));
  return {
    endpoints: cells.filter((codes) => codes !== undefined && codes.length > 0),
    examples: page.match(/^(curl .*|# \{.*| {2}http.*)$/gm),
  };
}

const isPath = (code: string) => /^`([A-Z]+ )?\//.test(code);

it('docs/http-api.zh-CN.md has the endpoints and examples of docs/http-api.md, in the same order', () => {
  const english = factsOf(read('http-api.md'));
  assert.ok(english.endpoints.length > 30, `${english.endpoints.length} endpoints found`);
  assert.deepEqual(factsOf(read('http-api.zh-CN.md')), english);
});
