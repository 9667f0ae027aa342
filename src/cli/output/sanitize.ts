// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes begin with one
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
const controls = /[\u0000-\u001f\u007f-\u009f]/g;
/** Direction overrides and isolates: they make a line read as something it is not. */
const overrides = /[\u200e\u200f\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const unescaped = /[\u007f-\u009f\u200e\u200f\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text from elsewhere as one line that moves no cursor: escapes are dropped, line ends and tabs become a space. */
export function sanitizeLine(text: string): string {
  return text
    .replace(escapes, '')
    .replace(/\r\n|[\r\n\t]/g, ' ')
    .replace(controls, '')
    .replace(overrides, '');
}

/** JSON text that shows nothing but itself on a terminal; parses to the same value. */
export function sanitizeJson(json: string): string {
  return json.replace(unescaped, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
