/** Cuts a stream into lines; a line that grows above `maxLength` is given in pieces. */
export function onLines(
  stream: NodeJS.ReadableStream,
  listener: (line: string) => void,
  maxLength = 1024 * 1024,
): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) listener(line);
    if (rest.length <= maxLength) return;
    listener(rest);
    rest = '';
  });
  stream.on('end', () => {
    if (rest !== '') listener(rest);
  });
  stream.on('error', () => {});
}
