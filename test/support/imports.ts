/** One mention of another module, however it is written. */
export interface Mention {
  readonly module: string;
  /** `dynamic`: `import(…)` that runs; a type-only `import('x').Y` counts as dynamic too, which is the stricter reading. */
  readonly how: 'static' | 'type' | 'dynamic';
  readonly line: number;
}

const statement =
  /^[ \t]*(import|export)\b(\s+type\b(?!\s*,|\s+from\b))?(?:[^;'"`=()]*?\bfrom)?\s*(['"])([^'"\n]+)\3/gm;
const call = /\b(import|require)\s*(?:\.\s*defer\s*)?\(\s*([^)]*?)\s*,?\s*\)/g;
const literal = /^(['"])([^'"\n]+)\1/;

/**
 * Every import of a source file: static, type-only, side effect, re-export and dynamic. Works on text, because the project's
 * formatter leaves few ways to write them; a dynamic import of anything but a literal is given as the module `?`.
 */
export function importsOf(source: string): Mention[] {
  const code = withoutComments(source);
  const lineAt = (index: number) => code.slice(0, index).split('\n').length;
  const mentions: Mention[] = [];
  for (const match of code.matchAll(statement)) {
    mentions.push({
      module: match[4] as string,
      how: match[2] === undefined ? 'static' : 'type',
      line: lineAt(match.index + match[0].length),
    });
  }
  for (const match of code.matchAll(call)) {
    mentions.push({
      module: literal.exec(match[2] as string)?.[2] ?? '?',
      how: 'dynamic',
      line: lineAt(match.index),
    });
  }
  return mentions;
}

/** Comments become spaces; line numbers stay. Comments that begin after code on the line are left where they hold a quote. */
export function withoutComments(source: string): string {
  const blank = (text: string) => text.replace(/[^\n]/g, ' ');
  return source
    .replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, blank)
    .replace(/^[ \t]*\/\/.*$/gm, blank)
    .replace(/[ \t]\/\/[^'"`\n]*$/gm, blank);
}
