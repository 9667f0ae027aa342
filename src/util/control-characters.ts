/**
 * What no terminal shows as itself: controls, line and paragraph separators, direction marks, overrides and isolates (they
 * make a line read as something it is not), and what is invisible. Joiners stay: emoji and Persian need them.
 */
const hidden = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
/** CSI in both spellings, strings such as OSC with or without their end, other escapes; ECMA-48. */
const escapes =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what begins and ends one
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b(?:[\]PX^_][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|[ -/]*[0-~])/g;

/** Text from elsewhere made visible for a log: what is hidden as `\u001b`, and the rest cut at `max` characters. */
export function escapeControls(text: string, max = 1000): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut.replace(hidden, escapeCharacter);
}

/** JSON text that shows nothing but itself on a terminal; parses to the same value. Its own line ends stay. */
export function escapeControlsOfJson(json: string): string {
  return json.replace(hidden, (character) => (character < ' ' ? character : escapeCharacter(character)));
}

/** Text from elsewhere as one line that moves no cursor: escapes and what is hidden are dropped, line ends and tabs become a space. */
export function sanitizeLine(text: string): string {
  if (isPrintableAscii(text)) return text;
  return text
    .replace(escapes, '')
    .replace(/\r\n|[\r\n\t\u2028\u2029]/g, ' ')
    .replace(hidden, '')
    .toWellFormed();
}

/** Each character is one column of a terminal, and none is hidden. */
export function isPrintableAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
