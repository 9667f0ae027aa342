// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be found
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Control characters, terminal escapes and direction overrides made visible as `\u001b`, and the rest cut at `max` characters. */
export function escapeControls(text: string, max = 1000): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut.replace(controls, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
