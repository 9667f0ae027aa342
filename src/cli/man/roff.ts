/** Text as `man` shows it character for character, one input line; the markup of man(7) is not in it. */
export function roffText(text: string): string {
  const escaped = [...text.replace(/\s+/g, ' ')].map((character) => special[character] ?? character).join('');
  // Han text has no spaces to break a line at.
  const breakable = escaped.replace(/(?<=[\p{Script=Han}，。、：；）])(?=\p{Script=Han})/gu, '\\:');
  return /^[.']/.test(breakable) ? `\\&${breakable}` : breakable;
}

/** Characters that mean something to roff, or that it prints as another, so that a copied line would not run. */
const special: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '"': '\\(dq',
};

export function bold(text: string): string {
  return `\\fB${roffText(text)}\\fR`;
}

/** An argument of a macro. */
export function quoted(text: string): string {
  return `"${roffText(text)}"`;
}
