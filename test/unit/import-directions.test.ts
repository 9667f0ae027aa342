import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { importsOf, withoutComments } from '../support/imports.ts';

/**
 * Lowest first. A folder imports from lower levels and itself, never from its neighbours on the same level. `api` stands below
 * `telemetry`, with which DESIGN names it in one breath: what is counted is named in the vocabulary. `registry` has a
 * level to itself, above everything that knows bytes and below everything that knows meaning.
 */
const levels: readonly (readonly string[])[] = [
  ['util'],
  ['api'],
  ['telemetry'],
  ['config', 'backends', 'client'],
  ['wire'],
  ['tui', 'load'],
  ['registry'],
  ['directory', 'store', 'bus', 'access', 'egress', 'transport'],
  ['routing'],
  ['ingress'],
  ['app'],
  ['cli'],
  ['main.ts'],
];

/** Not part of the program: it makes the binary and the generated files. */
const build = { folder: 'build', mayImport: ['util', 'config'] };
const tuiDoor = 'cli/commands/top.ts';

/** `path` is relative to src. */
interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const levelOf = (folder: string) => levels.findIndex((level) => level.includes(folder));
const folderOf = (path: string) => path.split('/')[0] as string;

/** One line for each thing in `file` that breaks a rule: `path:line what`. */
function violations({ path, text }: SourceFile): string[] {
  const found: string[] = [];
  const folder = folderOf(path);
  const say = (line: number, what: string) => found.push(`${path}:${line} ${what}`);
  if (folder !== build.folder && levelOf(folder) < 0) say(1, `${folder} is in no level: add it to the table`);

  for (const { module, how, line } of importsOf(text)) {
    if (module === '?') say(line, 'imports what only running it can tell');
    if (/^(ink|react|react-dom)(\/|$)/.test(module) && folder !== 'tui') say(line, `imports ${module} outside tui`);
    if (/^(\/|file:|#|src\/)/.test(module)) say(line, `imports ${module}, which hides where it leads`);
    if (!module.startsWith('.')) continue;
    const target = posix.join(posix.dirname(path), module);
    const other = folderOf(target);
    if (other === folder || (target === '../package.json' && folder === build.folder)) continue;
    if (folder === build.folder) {
      if (!build.mayImport.includes(other)) say(line, `the build imports ${other}`);
    } else if (other === '..') say(line, `imports ${target}, outside src`);
    else if (other === build.folder) say(line, 'imports the build');
    else if (other === 'tui' && !(path === tuiDoor && how === 'dynamic')) {
      say(line, `imports tui, which is reached only by a dynamic import in ${tuiDoor}`);
    } else if (levelOf(other) < 0) say(line, `imports ${other}, which is in no level`);
    else if (levelOf(other) >= levelOf(folder)) say(line, `${folder} imports ${other}, which is not below it`);
  }

  const code = withoutComments(text).split('\n');
  const mayPrint = ['cli', 'main.ts', build.folder].includes(folder);
  for (const [at, line] of code.entries()) {
    if (!mayPrint && /\bconsole\b\s*[.[(]/.test(line)) say(at + 1, 'uses console');
    if (folder !== 'main.ts' && folder !== build.folder && /\bprocess\s*\.\s*(exit|abort|reallyExit)\b/.test(line)) {
      say(at + 1, 'ends the process');
    }
  }
  if (path.endsWith('.tsx') && folder !== 'tui') say(1, 'is .tsx outside tui');
  return found;
}

const root = join(import.meta.dirname, '../../src');
const sources = globSync('**/*.{ts,tsx,mjs}', { cwd: root })
  .filter((path) => !path.endsWith('.d.ts'))
  .map((path): SourceFile => ({ path, text: readFileSync(join(root, path), 'utf8') }));

test('every file imports only from its own folder and from lower ones', () => {
  assert.ok(sources.length > 150, 'the sources were found');
  const mentions = sources.flatMap(({ text }) => importsOf(text));
  assert.ok(mentions.length > sources.length, 'imports were found in them');
  assert.deepEqual(sources.flatMap(violations), []);
});

test('the table of levels names every folder of src', () => {
  const folders = new Set(sources.map(({ path }) => folderOf(path)));
  assert.deepEqual(
    [...folders].filter((folder) => levelOf(folder) < 0 && folder !== build.folder),
    [],
  );
});

test('the imports found in a file are those that the text holds, line by line', () => {
  for (const { path, text } of sources) {
    // A second, cruder reading: whatever follows `from` or stands behind `import(`.
    const crude = [
      ...withoutComments(text).matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()'(\.{1,2}\/[^'\n]+|node:[^'\n]+)'/g),
    ];
    const found = importsOf(text).filter(({ module }) => /^(\.|node:)/.test(module));
    assert.deepEqual(found.map(({ module }) => module).sort(), crude.map((match) => match[1] as string).sort(), path);
  }
});

describe('the check itself finds', () => {
  const cases: readonly (readonly [what: string, path: string, text: string, finds: RegExp | undefined])[] = [
    ['nothing in an import from a lower folder', 'routing/a.ts', "import { a } from '../registry/a.ts';", undefined],
    ['nothing in an import from the own folder', 'routing/x/a.ts', "import { a } from '../b.ts';", undefined],
    [
      'an import from a higher folder',
      'registry/a.ts',
      "import { a } from '../routing/a.ts';",
      /registry imports routing/,
    ],
    ['a type-only import', 'wire/a.ts', "import type { A } from '../registry/a.ts';", /wire imports registry/],
    ['an inline type import', 'api/a.ts', "import { type A } from '../wire/a.ts';", /api imports wire/],
    ['a type inside an annotation', 'api/a.ts', "let a: import('../wire/a.ts').A;", /api imports wire/],
    ['a neighbour on the same level', 'bus/a.ts', "import { a } from '../store/a.ts';", /bus imports store/],
    [
      'an import over several lines',
      'util/a.ts',
      "import {\n  a,\n  b,\n} from '../api/a.ts';",
      /a\.ts:4 util imports api/,
    ],
    ['a namespace import', 'util/a.ts', "import * as all from '../api/a.ts';", /util imports api/],
    ['a default import', 'util/a.ts', "import all, { b } from '../api/a.ts';", /util imports api/],
    ['an import for its effect', 'util/a.ts', "import '../api/a.ts';", /util imports api/],
    ['a re-export', 'util/a.ts', "export { a } from '../api/a.ts';", /util imports api/],
    ['a re-export of everything', 'util/a.ts', "export * from '../api/a.ts';", /util imports api/],
    ['a re-export of types', 'util/a.ts', "export type { A } from '../api/a.ts';", /util imports api/],
    ['a dynamic import', 'ingress/ws/a.ts', "const a = await import('../../app/a.ts');", /ingress imports app/],
    ['a dynamic import of a variable', 'util/a.ts', 'await import(name);', /only running it can tell/],
    ['a dynamic import of a template', 'util/a.ts', 'await import(`../api/a.ts`);', /only running it can tell/],
    ['require', 'util/a.ts', "const a = require('../api/a.ts');", /util imports api/],
    ['a way out of src', 'util/a.ts', "import { a } from '../../test/support/a.ts';", /outside src/],
    ['a detour through the own folder', 'util/a.ts', "import { a } from '../util/../api/a.ts';", /util imports api/],
    ['the build imported', 'cli/a.ts', "import { a } from '../build/a.ts';", /imports the build/],
    ['the program imported by the build', 'build/a.ts', "import { a } from '../app/a.ts';", /the build imports app/],
    ['nothing in the build reading the schema', 'build/a.ts', "import { a } from '../config/a.ts';", undefined],
    ['tui imported by a command', 'cli/commands/stats.ts', "await import('../../tui/run.ts');", /imports tui/],
    ['tui imported statically by top', tuiDoor, "import { run } from '../../tui/run.ts';", /imports tui/],
    ['types of tui imported by top', tuiDoor, "import type { A } from '../../tui/run.ts';", /imports tui/],
    ['nothing in top reaching tui when it is needed', tuiDoor, "await import('../../tui/run.ts');", undefined],
    ['tui imported by a folder above it', 'app/a.ts', "import { a } from '../tui/a.ts';", /imports tui/],
    ['ink outside tui', 'cli/a.ts', "import { Box } from 'ink';", /imports ink/],
    ['react outside tui', 'cli/a.ts', "await import('react/jsx-runtime');", /imports react/],
    ['nothing in ink inside tui', 'tui/a.tsx', "import { Box } from 'ink';", undefined],
    ['a folder nobody has placed', 'misc/a.ts', '', /in no level/],
    ['an import from such a folder', 'cli/a.ts', "import { a } from '../misc/a.ts';", /in no level/],
    ['process.exit', 'app/a.ts', 'if (done) process.exit(1);', /ends the process/],
    ['nothing in process.exitCode', 'app/a.ts', 'process.exitCode = 1;', undefined],
    ['process.exit in the command line', 'cli/a.ts', 'process.exit(1);', /ends the process/],
    ['nothing in process.exit in main', 'main.ts', 'process.exit(1);', undefined],
    ['console', 'routing/a.ts', "console.log('x');", /uses console/],
    ['nothing in console in the command line', 'cli/a.ts', "console.log('x');", undefined],
    [
      'nothing in a comment',
      'util/a.ts',
      "// as import '../api/a.ts' and console.log do\n/**\n * from '../api/a.ts'\n */",
      undefined,
    ],
    ['JSX outside tui', 'cli/a.tsx', '', /\.tsx outside tui/],
  ];
  for (const [what, path, text, finds] of cases) {
    test(what, () => {
      const found = violations({ path, text });
      if (finds === undefined) assert.deepEqual(found, []);
      else {
        assert.equal(found.length, 1, found.join('\n'));
        assert.match(found[0] as string, finds);
      }
    });
  }
});
