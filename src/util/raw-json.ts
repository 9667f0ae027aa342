/**
 * Cuts JSON text into its top-level members without interpreting them, so that `1.0` or an integer beyond 2^53 travels on
 * as it was written. As strict as JSON.parse (RFC 8259), which the tests hold it against, in one pass over the text; on
 * bodies of a few hundred bytes that costs less than parsing first and scanning then. Keys are not left to JSON.parse:
 * that of V8 14.6 can take an escaped key for another object's (see the test).
 */

/** Levels of nesting that text may have unless somebody says another number. */
export const defaultMaxDepth = 32;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const LOWER_E = 0x65;
const LOWER_U = 0x75;
const LOWER_CASE = 0x20;

/**
 * The raw text of each member of a JSON object, by unescaped key, whitespace around it removed. Of members with the same
 * key the last one wins. Throws SyntaxError where JSON.parse would, where the text is not an object, and where arrays and
 * objects are nested deeper than `maxDepth` levels (the outermost is the first).
 */
export function splitObject(text: string, maxDepth: number = defaultMaxDepth): Map<string, string> {
  const members = new Map<string, string>();
  walkObject(text, maxDepth, (key, at, levels) => {
    const end = skipValue(text, at, levels);
    members.set(key, text.slice(at, end));
    return end;
  });
  return members;
}

/** As `splitObject`, with each value as text: a string's content, and the JSON text of everything else. */
export function splitTexts(text: string, maxDepth: number = defaultMaxDepth): Map<string, string> {
  const texts = new Map<string, string>();
  walkObject(text, maxDepth, (key, at, levels) => addText(texts, text, key, at, levels));
  return texts;
}

/**
 * Told of a member by its unescaped key and the index where its value starts, with the levels of nesting that the value may open; answers the index after the
 * value, as `skipValue` does.
 */
export type OnMember = (key: string, at: number, levels: number) => number;

/** Goes once through text that is one JSON object. Throws as `splitObject`. */
export function walkObject(text: string, maxDepth: number, onMember: OnMember): void {
  const at = skipSpace(text, 0);
  if (text.charCodeAt(at) !== OPEN_BRACE || maxDepth < 1) throw unexpected(text, at, 'an object');
  expectEnd(text, walkMembers(text, at, maxDepth, onMember));
}

/** `texts` gets the members of the object that starts at `start`, as `splitTexts` has them; returns the index after it. */
export function addTexts(texts: Map<string, string>, text: string, start: number, levels: number): number {
  return walkMembers(text, start, levels, (key, at, inner) => addText(texts, text, key, at, inner));
}

function addText(texts: Map<string, string>, text: string, key: string, at: number, levels: number): number {
  const end = skipValue(text, at, levels);
  texts.set(key, text.charCodeAt(at) === QUOTE ? unquoteAt(text, at, end) : text.slice(at, end));
  return end;
}

/** Goes through the object that starts at `start`; returns the index after it. */
export function walkMembers(text: string, start: number, levels: number, onMember: OnMember): number {
  if (levels < 1) throw tooDeep(start);
  let at = skipSpace(text, start + 1);
  if (text.charCodeAt(at) === CLOSE_BRACE) return at + 1;
  for (;;) {
    const keyEnd = skipKey(text, at);
    at = skipSpace(text, onMember(unquoteAt(text, at, keyEnd), skipColon(text, keyEnd), levels - 1));
    const code = text.charCodeAt(at++);
    if (code === CLOSE_BRACE) return at;
    if (code !== COMMA) throw unexpected(text, at - 1, '"," or "}"');
    at = skipSpace(text, at);
  }
}

/** As `OnMember`, of an element. */
export type OnElement = (at: number, levels: number) => number;

/** Goes once through text that is one JSON array. Throws as `splitObject`. */
export function walkArray(text: string, maxDepth: number, onElement: OnElement): void {
  let at = skipSpace(text, 0);
  if (text.charCodeAt(at) !== OPEN_BRACKET || maxDepth < 1) throw unexpected(text, at, 'an array');
  at = skipSpace(text, at + 1);
  if (text.charCodeAt(at) === CLOSE_BRACKET) at++;
  else {
    for (;;) {
      at = skipSpace(text, onElement(at, maxDepth - 1));
      const code = text.charCodeAt(at++);
      if (code === CLOSE_BRACKET) break;
      if (code !== COMMA) throw unexpected(text, at - 1, '"," or "]"');
      at = skipSpace(text, at);
    }
  }
  expectEnd(text, at);
}

/** The text of the one JSON value that `text` is, without the whitespace around it. Throws as `splitObject`. */
export function oneValue(text: string, maxDepth: number = defaultMaxDepth): string {
  const start = skipSpace(text, 0);
  const end = skipValue(text, start, maxDepth);
  expectEnd(text, end);
  return text.slice(start, end);
}

export function isString(raw: string): boolean {
  return raw.charCodeAt(0) === QUOTE;
}

export function isObject(raw: string, at = 0): boolean {
  return raw.charCodeAt(at) === OPEN_BRACE;
}

export function isArray(raw: string): boolean {
  return raw.charCodeAt(0) === OPEN_BRACKET;
}

/** The content of a valid raw JSON string. */
export function unquote(raw: string): string {
  return unquoteAt(raw, 0, raw.length);
}

function unquoteAt(text: string, start: number, end: number): string {
  const content = text.slice(start + 1, end - 1);
  return content.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : content;
}

/** The index after the value that starts at `at`; `levels` is how many levels of nesting it may still open. */
export function skipValue(text: string, at: number, levels: number): number {
  const code = text.charCodeAt(at);
  if (code === QUOTE) return skipString(text, at);
  if (code === OPEN_BRACE) return skipObject(text, at, levels);
  if (code === OPEN_BRACKET) return skipArray(text, at, levels);
  if (code === MINUS || isDigit(code)) return skipNumber(text, at);
  for (const word of words) if (text.startsWith(word, at)) return at + word.length;
  throw unexpected(text, at, 'a value');
}

const words = ['true', 'false', 'null'] as const;

function skipObject(text: string, start: number, levels: number): number {
  if (levels < 1) throw tooDeep(start);
  let at = skipSpace(text, start + 1);
  if (text.charCodeAt(at) === CLOSE_BRACE) return at + 1;
  for (;;) {
    at = skipColon(text, skipKey(text, at));
    at = skipSpace(text, skipValue(text, at, levels - 1));
    const code = text.charCodeAt(at++);
    if (code === CLOSE_BRACE) return at;
    if (code !== COMMA) throw unexpected(text, at - 1, '"," or "}"');
    at = skipSpace(text, at);
  }
}

function skipArray(text: string, start: number, levels: number): number {
  if (levels < 1) throw tooDeep(start);
  let at = skipSpace(text, start + 1);
  if (text.charCodeAt(at) === CLOSE_BRACKET) return at + 1;
  for (;;) {
    at = skipSpace(text, skipValue(text, at, levels - 1));
    const code = text.charCodeAt(at++);
    if (code === CLOSE_BRACKET) return at;
    if (code !== COMMA) throw unexpected(text, at - 1, '"," or "]"');
    at = skipSpace(text, at);
  }
}

function skipKey(text: string, at: number): number {
  if (text.charCodeAt(at) !== QUOTE) throw unexpected(text, at, 'a member name in double quotes');
  return skipString(text, at);
}

/** From the end of a member's name to the start of its value. */
function skipColon(text: string, end: number): number {
  const at = skipSpace(text, end);
  if (text.charCodeAt(at) !== COLON) throw unexpected(text, at, '":"');
  return skipSpace(text, at + 1);
}

function skipString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at = skipEscape(text, at + 1);
    // NaN, past the end, compares false as well.
    else if (!(code >= SPACE)) throw unexpected(text, at, 'the rest of a string');
    at++;
    if (at - start === longString) at = skipPlain(text, at);
  }
}

const longString = 48;

/** To the next quote, backslash or control character: three times as fast as the loop on long text, slower on short. */
function skipPlain(text: string, start: number): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 section 7 forbids them in strings.
  const plain = /[^"\\\u0000-\u001f]*/y;
  plain.lastIndex = start;
  plain.test(text);
  return plain.lastIndex;
}

/** From the character after a backslash to the last one of the escape. */
function skipEscape(text: string, at: number): number {
  if (text.charCodeAt(at) !== LOWER_U) {
    if (at < text.length && '"\\/bfnrt'.includes(text.charAt(at))) return at;
    throw unexpected(text, at, 'an escape');
  }
  for (let digit = at + 1; digit <= at + 4; digit++) {
    const code = text.charCodeAt(digit);
    const letter = code | LOWER_CASE;
    if (!isDigit(code) && !(letter >= 0x61 && letter <= 0x66)) throw unexpected(text, digit, 'a hexadecimal digit');
  }
  return at + 4;
}

function skipNumber(text: string, start: number): number {
  let at = text.charCodeAt(start) === MINUS ? start + 1 : start;
  if (text.charCodeAt(at) === ZERO) at++;
  else at = skipDigits(text, at);
  if (text.charCodeAt(at) === DOT) at = skipDigits(text, at + 1);
  if ((text.charCodeAt(at) | LOWER_CASE) === LOWER_E) {
    const sign = text.charCodeAt(at + 1);
    at = skipDigits(text, sign === PLUS || sign === MINUS ? at + 2 : at + 1);
  }
  return at;
}

function skipDigits(text: string, start: number): number {
  if (!isDigit(text.charCodeAt(start))) throw unexpected(text, start, 'a digit');
  let at = start + 1;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code > SPACE) return at;
    if (code !== SPACE && code !== LINE_FEED && code !== RETURN && code !== TAB) return at;
    at++;
  }
}

function expectEnd(text: string, end: number): void {
  const at = skipSpace(text, end);
  if (at < text.length) throw unexpected(text, at, 'nothing more');
}

function unexpected(text: string, at: number, expected: string): SyntaxError {
  const found = at < text.length ? JSON.stringify(text.charAt(at)) : 'the end';
  return new SyntaxError(`expected ${expected} at character ${at + 1} of the JSON, found ${found}`);
}

function tooDeep(at: number): SyntaxError {
  return new SyntaxError(`nested too deeply at character ${at + 1} of the JSON`);
}
