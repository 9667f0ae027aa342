import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { errorTable } from '../../../src/api/errors.ts';

const read = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

/** Close code → whether the page says to reconnect. */
function adviceOf(page: string): Map<number, boolean> {
  const rows = [...page.matchAll(/^\| (\d{4}(?:, \d{4})*) \| (yes|no|是|否) \|/gm)];
  return new Map(
    rows.flatMap(([, codes = '', word = '']) =>
      codes.split(', ').map((code) => [Number(code), ['yes', '是'].includes(word)] as const),
    ),
  );
}

/** The rule of the example page, taken out of it. */
function isFinalInBrowserPage(): (code: number) => boolean {
  const rule = /const finalCodes = .*;\nconst isFinal = .*;/.exec(read('examples/browser.html'))?.[0];
  assert.ok(rule, 'the page has its rule');
  return new Function(`${rule} return isFinal;`)();
}

describe('what clients are told to do after a close', () => {
  for (const name of ['client-guide.md', 'client-guide.zh-CN.md']) {
    it(`${name} has advice for every close code there is`, () => {
      const advice = adviceOf(read(name));
      for (const [error, { close }] of Object.entries(errorTable)) assert.ok(advice.has(close), `${error} ${close}`);
    });

    it(`${name} lets nobody reconnect from 4500 on`, () => {
      for (const [code, isReconnect] of adviceOf(read(name))) assert.ok(code < 4500 || !isReconnect, String(code));
    });

    it(`examples/browser.html does what ${name} says`, () => {
      const isFinal = isFinalInBrowserPage();
      for (const [code, isReconnect] of adviceOf(read(name))) assert.equal(isFinal(code), !isReconnect, String(code));
    });
  }
});
