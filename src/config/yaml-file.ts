import { type Document, isAlias, isMap, isScalar, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml';
import type { Problem } from './config-error.ts';
import { type Given, type Layer, type LayerContent, type Position, problemAt, unknownKey } from './given.ts';
import { keyOfName, sectionNames, settingKeys, settingOf } from './keys.ts';
import { mismatch, type Path } from './kind.ts';

/**
 * Reads the settings of a YAML file. Keys may be nested (`auth:` above `trustLoopback:`) or dotted (`auth.trustLoopback:`);
 * a section without content says nothing. All that is wrong is reported, with line and column.
 */
export function readYamlFile(text: string, options: { readonly name: string; readonly layer: Layer }): LayerContent {
  try {
    return readDocument(text, options);
  } catch (error) {
    // Of the stack, which the yaml package uses up level by level.
    if (!(error instanceof RangeError)) throw error;
    const start = { line: 1, column: 1 };
    return { given: [], problems: [problemAt(options.name, start, 'nested too deeply to be read')], warnings: [] };
  }
}

function readDocument(text: string, { name, layer }: { readonly name: string; readonly layer: Layer }): LayerContent {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems: Problem[] = document.errors.map((error) =>
    problemAt(name, at(error.pos[0]), `not valid YAML: ${error.message}`),
  );
  problems.push(...faultsOf(document).map(({ offset, message }) => problemAt(name, at(offset), message)));
  const warnings = document.warnings.map((warning) => problemAt(name, at(warning.pos[0]), warning.message).text);
  if (problems.length > 0) return { given: [], problems, warnings };

  const given: Given[] = [];
  const seen = new Map<string, number>();
  const walk = (node: unknown, prefix: string): void => {
    const map = resolve(node, document);
    if (isEmpty(map)) return;
    if (!isMap(map)) {
      const message = mismatch(
        prefix === '' ? 'settings such as `port: 666`' : sectionHelp(prefix),
        toPlain(map, document),
      );
      problems.push(problemAt(name, at(startOf(map)), prefix === '' ? message : `${prefix.slice(0, -1)}: ${message}`));
      return;
    }
    for (const pair of map.items) readPair(pair, prefix);
  };
  const readPair = (pair: Pair, prefix: string): void => {
    const written = prefix + String(isScalar(pair.key) ? pair.key.value : '');
    const keyPosition = at(startOf(pair.key));
    const content = resolve(pair.value, document);
    const key = isScalar(content) && !isEmpty(content) ? keyOfName(written) : written;
    if (sectionNames.has(key)) {
      walk(pair.value, `${key}.`);
      return;
    }
    if (!settingOf.has(key)) {
      problems.push(problemAt(name, keyPosition, unknownKey(key), key));
      return;
    }
    const before = seen.get(key);
    if (before !== undefined) {
      problems.push(problemAt(name, keyPosition, `${key}: given twice, first in line ${before}`, key));
      return;
    }
    seen.set(key, keyPosition.line);
    given.push({
      key,
      raw: toPlain(pair.value, document),
      origin: { layer, label: `${name}:${keyPosition.line}`, file: name, ...keyPosition },
      positionOf: (path) => positionIn(pair, path, document, at),
    });
  };
  try {
    walk(document.contents, '');
  } catch (error) {
    // The other faults of aliases were found before.
    if (!(error instanceof ReferenceError)) throw error;
    problems.push(problemAt(name, at(startOf(document.contents)), tooManyAliases));
  }
  return { given, problems, warnings };
}

/**
 * What the parser lets pass and reading would stumble over. A key that is a map or a list becomes text in yaml, in time and
 * memory that double with each level (`? ? ? a`).
 */
function faultsOf(document: Document): { offset: number; message: string }[] {
  const faults: { offset: number; message: string }[] = [];
  const anchored = new Map<string, Node>();
  let aliases = 0;
  visit(document, {
    Pair(_key, { key }) {
      if (isEmpty(key) || isScalar(key)) return;
      const message = 'expected a plain key such as `port`, found a map, a list or an alias';
      faults.push({ offset: startOf(key), message });
    },
    Value(_key, node) {
      if (node.anchor !== undefined) anchored.set(node.anchor, node);
    },
    Alias(_key, alias, ancestors) {
      aliases += 1;
      // Each is resolved by a walk through the document.
      if (aliases > mostAliases) {
        faults.push({ offset: startOf(alias), message: tooManyAliases });
        return visit.BREAK;
      }
      const name = alias.source;
      const target = anchored.get(name);
      if (target !== undefined && !ancestors.includes(target)) return undefined;
      const where = target === undefined ? `no &${name} stands before it` : `stands inside &${name} itself`;
      const message = `*${name}: ${where} – write the value itself, in quotes where * is part of it`;
      faults.push({ offset: startOf(alias), message });
      return undefined;
    },
  });
  return faults;
}

/** Of a document, and of what they make together. */
const mostAliases = 100;
const tooManyAliases = `more than ${mostAliases} values come from aliases (*name) – write the values themselves`;

/** Where the part of a value that `path` leads to stands; the nearest part above it where that has no place of its own. */
function positionIn(pair: Pair, path: Path, document: Document, at: (offset: number) => Position): Position {
  let node: unknown = pair.value;
  let offset = startOf(isEmpty(node) ? pair.key : node);
  for (const step of path) {
    const inside: unknown = resolve(node, document);
    node = hasGet(inside) ? inside.get(step, true) : undefined;
    if (node === undefined || node === null) break;
    offset = startOf(node);
  }
  return at(offset);
}

function resolve(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function hasGet(node: unknown): node is { get(key: unknown, keepScalar: true): unknown } {
  return typeof node === 'object' && node !== null && 'get' in node;
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}

function startOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}

function toPlain(node: unknown, document: Document): unknown {
  return node === null || node === undefined ? null : (node as Node).toJS(document, { maxAliasCount: mostAliases });
}

function sectionHelp(prefix: string): string {
  const inside = settingKeys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  return `a section with ${inside.join(', ')}`;
}
