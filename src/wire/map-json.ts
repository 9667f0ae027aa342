/** The map as a JSON object of strings. */
export function mapJson(map: ReadonlyMap<string, string>): string {
  let text = '{';
  for (const [key, value] of map) {
    if (text.length > 1) text += ',';
    text += `${JSON.stringify(key)}:${JSON.stringify(value)}`;
  }
  return `${text}}`;
}
